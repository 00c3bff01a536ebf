import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** The repository's top folder: what an image is built from. */
export const repository = fileURLToPath(new URL('../../', import.meta.url))

export interface Instruction {
  /** In upper case, such as `COPY`. */
  keyword: string
  /** With each `${NAME}` of a global ARG replaced by its default. */
  rest: string
}

/** The instructions of the Dockerfile's last stage, and the names of its images in order. */
export function readDockerfile(): { images: string[]; last: Instruction[]; all: Instruction[] } {
  const text = readFileSync(`${repository}Dockerfile`, 'utf8').replaceAll(/^\s*#.*\n/gm, '')
  const defaults = new Map(
    [...text.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name!, value!]),
  )
  const all = text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword = '', ...rest] = line.trim().split(/\s+/)
      const replaced = rest
        .join(' ')
        .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => defaults.get(name) ?? '')
      return { keyword: keyword.toUpperCase(), rest: replaced }
    })
  const begins = all.findLastIndex(({ keyword }) => keyword === 'FROM')
  const images = all.flatMap(({ keyword, rest }) => (keyword === 'FROM' ? [rest.split(' ')[0]!] : []))
  return { images, last: all.slice(begins), all }
}

/** The arguments of the only instruction of this kind, a JSON list. */
export function execForm(instructions: readonly Instruction[], keyword: string): string[] {
  const { rest } = instructions.find((one) => one.keyword === keyword) ?? { rest: '[]' }
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[]
}

/** The files that the last stage copies out of the repository, with their paths there; they keep them below /app. */
export function copiedFiles(): string[] {
  const sources = readDockerfile()
    .last.filter(({ keyword, rest }) => keyword === 'COPY' && !rest.includes('--from='))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  const known = contextFiles()
  return known.filter((path) => sources.some((source) => path === source || path.startsWith(`${source}/`)))
}

/** The files that .dockerignore lets through, of which it knows `*`, `!name` and two stars with an ending. */
function contextFiles(): string[] {
  const rules = readFileSync(`${repository}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (rules[0] !== '*') throw new Error('.dockerignore does not begin by leaving everything out')
  const kept = rules.flatMap((rule) => (rule.startsWith('!') ? [rule.slice(1)] : []))
  const endings = rules.flatMap((rule) => (rule.startsWith('**/*') ? [rule.slice(4)] : []))
  return kept
    .flatMap((name) => below(name))
    .filter((path) => !endings.some((ending) => path.endsWith(ending)))
}

function below(name: string): string[] {
  const isFolder = readdirSync(repository, { withFileTypes: true }).some(
    (entry) => entry.name === name && entry.isDirectory(),
  )
  if (!isFolder) return [name]
  return readdirSync(`${repository}${name}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(repository.length))
}

export interface Compose {
  services: Record<'hub' | 'database', ComposeService>
  configs: Record<string, { content: string }>
  volumes: Record<string, null>
}

interface ComposeService {
  image: string
  environment: Record<string, string | null>
  ports?: string[]
  volumes: string[]
  healthcheck: { test: string[] }
  read_only?: boolean
  tmpfs?: string[]
  cap_drop: string[]
  cap_add?: string[]
  security_opt: string[]
  stop_grace_period: string
  configs?: { source: string; target: string }[]
}

export function readCompose(): Compose {
  return parse(readFileSync(`${repository}docker-compose.yml`, 'utf8'), { merge: true }) as Compose
}
