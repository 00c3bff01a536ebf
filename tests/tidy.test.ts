import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** The rules of the house (docs/ARCHITECTURE.md), held by a test. */
const root = fileURLToPath(new URL('..', import.meta.url))
const topLevel = ['hub', 'partners', 'mappings', 'portal', 'tests'] as const

interface SourceFile {
  /** From the root, with slashes, e.g. `hub/model/ids.ts`. */
  path: string
  text: string
  imports: string[]
}

const files = topLevel.flatMap((folder) => sourceFiles(folder))
const sources = files.filter((file) => !file.path.includes('.test.') && !file.path.startsWith('tests/'))

/** Rooms of hub from left to right: a room imports from itself and from rooms further right only. */
const hubRooms: readonly (readonly string[])[] = [
  ['cli', 'pipeline', 'transports'],
  ['ledger', 'queue'],
  ['store', 'egress', 'keys'],
  ['envelopes', 'formats', 'canonical'],
  ['model'],
  ['base'],
]
/** Rooms in which each folder is a kind: kinds never import each other. */
const kinds = ['hub/transports', 'hub/envelopes', 'hub/formats']
/** Kinds that are written in terms of each other, from left to right: S/MIME is made of MIME entities, an MDN is an S/MIME message. */
const layeredKinds = ['hub/envelopes/mdn', 'hub/envelopes/smime', 'hub/envelopes/mime']
const linesMost = 400

describe('tidy', () => {
  test('migrations are numbered one after the other', () => {
    const numbers = readdirSync(join(root, 'migrations')).map((name) => Number(name.slice(0, 4)))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })

  test('no TypeScript file has more than 400 lines', () => {
    const long = files.filter((file) => file.text.split('\n').length - 1 > linesMost).map((file) => file.path)
    expect(long).toEqual([])
  })

  test('arrows point to hub, and in hub to the right', () => {
    const wrong = sources.flatMap((file) =>
      file.imports
        .filter((target) => !mayImport(file.path, target))
        .map((target) => `${file.path} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('kinds never import each other', () => {
    const wrong = sources.flatMap((file) => {
      const room = kinds.find((kind) => file.path.startsWith(`${kind}/`))
      if (room === undefined || !file.path.slice(room.length + 1).includes('/')) return []
      const own = file.path
        .split('/')
        .slice(0, room.split('/').length + 1)
        .join('/')
      return file.imports
        .filter((target) => target.startsWith(`${room}/`) && !target.startsWith(`${own}/`))
        .filter((target) => target.slice(room.length + 1).includes('/'))
        .filter((target) => !isLayerBelow(own, target))
        .map((target) => `${file.path} → ${target}`)
    })
    expect(wrong).toEqual([])
  })

  test('no file imports itself round a corner', () => {
    expect(findCycle()).toBeNull()
  })

  test('SQL stands only under store/ and queue/', () => {
    const statement =
      /[`'"]\s*(select\s+[\w*(]|insert\s+into|update\s+\w+\s+set|delete\s+from|with\s+\w+\s+as\s*\()/i
    const wrong = sources
      .filter((file) => !/(^|\/)(store|queue)\//.test(file.path))
      .filter((file) => statement.test(file.text))
      .map((file) => file.path)
    expect(wrong).toEqual([])
  })

  test('nothing stands in the code that Node cannot run or that hides a fault', () => {
    const banned: [RegExp, string][] = [
      [/^\s*(export\s+)?(const\s+)?enum\s/m, 'enum: use an `as const` object and a union'],
      [/^\s*(export\s+)?namespace\s/m, 'namespace: use a file'],
      [/@ts-(ignore|nocheck)/, 'a silenced type error'],
      [/(\/\/|\*).*\b(FIXME|TODO|XXX|HACK)\b/, 'a note to oneself'],
      [/\.only\(/, 'a test that runs alone'],
    ]
    const wrong = files
      .filter((file) => file.path !== 'tests/tidy.test.ts')
      .flatMap((file) =>
        banned.filter(([pattern]) => pattern.test(file.text)).map(([, why]) => `${file.path}: ${why}`),
      )
    expect(wrong).toEqual([])
  })

  test('only the log and the command line write to the terminal', () => {
    const wrong = sources.filter((file) => /\bconsole\.\w+\(/.test(file.text)).map((file) => file.path)
    expect(wrong).toEqual([])
  })

  test('outbound sockets are opened by hub/egress alone', () => {
    const dialling = /from 'node:(https|tls)'|\bfetch\(|net\.connect\(|net\.createConnection\(|from 'undici'/
    const allowed = ['hub/egress/', 'portal/assets/', 'hub/cli/demo/', 'hub/cli/client.ts']
    const wrong = sources
      .filter((file) => dialling.test(file.text) && !allowed.some((place) => file.path.startsWith(place)))
      .map((file) => file.path)
    expect(wrong).toEqual([])
  })

  test('each step of the pipeline is a file of its name', () => {
    const steps = {
      receive: ['read', 'open', 'answer', 'commit'],
      process: ['split', 'resolve', 'check', 'canonicalise', 'judge', 'map', 'write', 'pipeline'],
      deliver: ['claim', 'send', 'settle', 'match'],
      watch: ['deadlines', 'reconcile'],
    }
    const missing = Object.entries(steps).flatMap(([folder, names]) =>
      names
        .map((name) => `hub/pipeline/${folder}/${name}.ts`)
        .filter((path) => !sources.some((file) => file.path === path)),
    )
    expect(missing).toEqual([])
  })

  test('every dependency has its line with owner and reason in the decision record, and an exact version', () => {
    const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    const record = readFileSync(join(root, 'docs/decisions/0001-dependencies.md'), 'utf8')
    const rows = [...record.matchAll(/^\| (.+?) \| (.*?) \| (.*?) \| (.*?) \|$/gm)].slice(1)
    const kept = rows.flatMap(([, names = '', ...said]) =>
      said.every((text) => text.trim() !== '') ? names.split(', ') : [],
    )
    const inUse = Object.keys({ ...dependencies, ...optionalDependencies })
    expect(kept.toSorted()).toEqual(inUse.toSorted())
    const development = /^For development: .*$/m.exec(record)?.[0] ?? ''
    const unnamed = Object.keys(devDependencies ?? {}).filter(
      (name) => !name.startsWith('@types/') && !development.includes(name),
    )
    expect(unnamed).toEqual([])
    const versions = Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  test('the views hold no inline style, script or handler, which the content security policy forbids', () => {
    const views = walk(join(root, 'portal')).filter((path) => path.endsWith('.hbs'))
    expect(views.length).toBeGreaterThan(0)
    const wrong = views.filter((path) =>
      /\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|\bhx-on|javascript:/i.test(readFileSync(path, 'utf8')),
    )
    expect(wrong).toEqual([])
  })

  test('test names are unique in their file', () => {
    const wrong = files
      .filter((file) => file.path.endsWith('.test.ts'))
      .flatMap((file) => {
        const names = [...file.text.matchAll(/^\s*(?:test|it)\(\s*(['"`])(.+?)\1/gm)].map(
          (match) => match[2]!,
        )
        return names
          .filter((name, index) => names.indexOf(name) !== index)
          .map((name) => `${file.path}: ${name}`)
      })
    expect(wrong).toEqual([])
  })
})

function isLayerBelow(own: string, target: string): boolean {
  const place = layeredKinds.indexOf(own)
  return place >= 0 && layeredKinds.slice(place + 1).some((kind) => target.startsWith(`${kind}/`))
}

function sourceFiles(folder: string): SourceFile[] {
  return walk(join(root, folder))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => {
      const text = readFileSync(path, 'utf8')
      return { path: relative(root, path).replaceAll('\\', '/'), text, imports: importsOf(path, text) }
    })
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? walk(path) : [path]
  })
}

/** Own files that a file imports, from the root. Type-only imports count for the arrows as well. */
function importsOf(path: string, text: string): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+\.ts)'/g)].map((match) => match[1]!)
  return found.map((target) => {
    if (target.startsWith('#')) return target.slice(1)
    return relative(root, resolve(dirname(path), target)).replaceAll('\\', '/')
  })
}

/** The files that see all rooms: the running hub, its thread of large files, and what verbs do. */
const wiring = [
  'hub/main.ts',
  'hub/large-files.ts',
  'hub/large-thread.ts',
  'hub/tools.ts',
  'hub/configuration-tools.ts',
  'hub/replay-tools.ts',
]

function mayImport(from: string, to: string): boolean {
  if (wiring.includes(from)) return true
  const [fromTop, fromRoom] = from.split('/') as [string, string]
  const [toTop, toRoom] = to.split('/') as [string, string]
  if (fromTop !== toTop) {
    const allowed: Record<string, string[]> = {
      portal: ['partners', 'mappings', 'hub'],
      partners: ['hub'],
      mappings: ['hub'],
    }
    return allowed[fromTop]?.includes(toTop) ?? false
  }
  if (fromTop !== 'hub' || fromRoom === toRoom) return true
  if (wiring.includes(to)) return fromRoom === 'cli'
  const place = (room: string) => hubRooms.findIndex((rooms) => rooms.includes(room))
  return place(fromRoom) < place(toRoom)
}

function findCycle(): string | null {
  // a type-only import leaves nothing at run time, so it closes no circle
  const runtime = new Map(
    sources.map((file) => {
      const typeOnly = [...file.text.matchAll(/(?:import|export)\s+type\s[^'"]*?from\s*'([^']+\.ts)'/g)].map(
        (m) => m[1]!,
      )
      const text = file.text
      const all = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+\.ts)'/g)].map((m) => m[1]!)
      const kept = all.filter(
        (target) => !typeOnly.includes(target) || all.filter((t) => t === target).length > 1,
      )
      return [file.path, importsOfTargets(file.path, kept)] as const
    }),
  )
  const state = new Map<string, 'open' | 'done'>()
  const visit = (path: string, way: string[]): string | null => {
    if (state.get(path) === 'done') return null
    if (state.get(path) === 'open') return [...way.slice(way.indexOf(path)), path].join(' → ')
    state.set(path, 'open')
    for (const next of runtime.get(path) ?? []) {
      const found = visit(next, [...way, path])
      if (found !== null) return found
    }
    state.set(path, 'done')
    return null
  }
  for (const path of runtime.keys()) {
    const found = visit(path, [])
    if (found !== null) return found
  }
  return null
}

function importsOfTargets(path: string, targets: string[]): string[] {
  return targets.map((target) =>
    target.startsWith('#')
      ? target.slice(1)
      : relative(root, resolve(root, dirname(path), target)).replaceAll('\\', '/'),
  )
}
