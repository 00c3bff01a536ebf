import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { HubError } from '#hub/model/errors.ts'
import type { PersonId } from '#hub/model/ids.ts'
import { planConfiguration, type ConfigurationDeps, type ConfigurationFile } from '#partners/apply.ts'
import { applyOrPropose, type Done } from '#partners/approvals/index.ts'
import { documentFile, exportConfiguration, type ExportedFile } from '#partners/export.ts'
import { allOf, thingNamed, type Version } from '#partners/life/things.ts'
import { whereUsed } from '#partners/life/where-used.ts'
import type { OperatorRoute } from './operator.ts'

/** Runs work with what reading and applying configuration needs; the hub's wiring has it. */
export type WithConfiguration = <Result>(
  work: (deps: ConfigurationDeps) => Promise<Result>,
) => Promise<Result>

/**
 * Partners, profiles and agreements as the documents of docs/configuration.md, in JSON: the same model that files are applied to. What is read has
 * an ETag; what is written names it in If-Match (or If-None-Match: *), so that nobody writes over what they have not seen.
 */
export function configurationRoutes(using: WithConfiguration): OperatorRoute[] {
  return [...partnerRoutes(using), ...profileRoutes(using), ...agreementRoutes(using)]
}

function partnerRoutes(using: WithConfiguration): OperatorRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/partners',
      answer: () =>
        using(async ({ store }) => {
          const files = await exportConfiguration(store, { partner: null })
          const partners = files.filter(({ path }) => path.startsWith('partners/'))
          return {
            partners: partners.map((file) => ({ ...contentOf(file, 'partner'), etag: etagOf(file.text) })),
          }
        }),
    },
    {
      method: 'get',
      path: '/v1/partners/:key',
      answer: (request) =>
        using(async (deps) => one(await partnerFile(deps, parameter(request, 'key')), request)),
    },
    {
      method: 'put',
      path: '/v1/partners/:key',
      answer: (request, person) =>
        using(async (deps) => {
          const key = parameter(request, 'key')
          const standing = await partnerFile(deps, key).catch(noneThere)
          return put(deps, { request, by: person.id, standing, key, kind: 'partner' })
        }),
    },
    {
      method: 'get',
      path: '/v1/partners/:key/uses',
      answer: (request) =>
        using((deps) => whereUsed(deps, { kind: 'partner', key: parameter(request, 'key'), version: null })),
    },
  ]
}

function profileRoutes(using: WithConfiguration): OperatorRoute[] {
  const path = '/v1/profiles/:partner/:direction/:type/:format/:env{/:guide}'
  const keyOf = ({ params }: Request) =>
    ['partner', 'direction', 'type', 'format', 'env', 'guide']
      .map((name) => params[name])
      .filter((part) => part !== undefined)
      .map(String)
      .join('/')
  return [
    { method: 'get', path: '/v1/profiles', answer: () => using((deps) => list(deps, 'profile')) },
    {
      method: 'get',
      path,
      answer: (request) => using(async (deps) => thing(await thingNamed(deps, 'profile', keyOf(request)))),
    },
  ]
}

function agreementRoutes(using: WithConfiguration): OperatorRoute[] {
  return [
    { method: 'get', path: '/v1/agreements', answer: () => using((deps) => list(deps, 'agreement')) },
    {
      method: 'get',
      path: '/v1/agreements/:key',
      answer: (request) =>
        using(async (deps) => one(await agreementFile(deps, parameter(request, 'key')), request)),
    },
    {
      method: 'get',
      path: '/v1/agreements/:key/versions',
      answer: (request) =>
        using(async (deps) => thing(await thingNamed(deps, 'agreement', parameter(request, 'key')))),
    },
    {
      method: 'put',
      path: '/v1/agreements/:key',
      answer: (request, person) =>
        using(async (deps) => {
          const key = parameter(request, 'key')
          const standing = await agreementFile(deps, key).catch(noneThere)
          return put(deps, { request, by: person.id, standing, key, kind: 'agreement' })
        }),
    },
  ]
}

interface Put {
  request: Request
  by: PersonId
  /** What stands; null for what is new. */
  standing: ExportedFile | null
  key: string
  kind: 'partner' | 'agreement'
}

/** Plans (`?plan=true`) or applies the document in the body; proposes it where what is live changes by two people. */
async function put(deps: ConfigurationDeps, asked: Put): Promise<Partial<Done> & { etag?: string }> {
  const { request, by, standing, key, kind } = asked
  checkVersion(request, standing)
  const content = (request.body ?? {}) as Record<string, unknown>
  const document = content[kind]
  if (typeof document !== 'object' || document === null)
    throw new HubError('requestInvalid', `the body is { "${kind}": … }, as it is read`)
  if ((document as { key?: unknown }).key !== key)
    throw new HubError('requestInvalid', `the document's \`key\` is \`${key}\`, as in the address`)
  const { text } = documentFile([{ [kind]: document }])
  // values that stand on the hub's own machine are for those who work on it
  const files: ConfigurationFile[] = [{ path: `${kind}.json`, text: withoutSources(text, document) }]
  const own = { ...deps, env: {} }
  if (request.query['plan'] === 'true') return { changes: await planConfiguration(own, files) }
  const reason = typeof request.query['reason'] === 'string' ? request.query['reason'].slice(0, 1_000) : ''
  return applyOrPropose(own, files, { actor: `person:${by}`, by, reason })
}

/** A document that came over the network names no file and no variable of the hub's machine. */
function withoutSources(text: string, document: object): string {
  const names = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && name === 'file') names.add(name)
      look(member)
    }
  }
  const { channels } = document as { channels?: { logins?: unknown; secrets?: unknown }[] }
  for (const channel of Array.isArray(channels) ? channels : []) {
    look(channel?.logins)
    look(channel?.secrets)
  }
  if (names.size > 0)
    throw new HubError(
      'requestInvalid',
      'a document in a request holds secrets by `value` or `keep`, not by `file`',
    )
  return text
}

/** RFC 9110 §13.1: If-Match for what stands, If-None-Match: * for what is new. */
function checkVersion(request: Request, standing: ExportedFile | null): void {
  const [match, noneMatch] = [request.get('if-match'), request.get('if-none-match')]
  if (match === undefined && noneMatch === undefined) throw new HubError('versionMissing')
  if (noneMatch !== undefined && (noneMatch.trim() !== '*' || standing !== null))
    throw new HubError('versionOther')
  if (match === undefined) return
  const known = standing === null ? null : etagOf(standing.text)
  const named = match.split(',').map((part) => part.trim())
  if (known === null || !named.some((part) => part === known || part === '*'))
    throw new HubError('versionOther')
}

function one(file: ExportedFile, { res }: Request): object {
  const etag = etagOf(file.text)
  res?.set('etag', etag)
  return file.contents.length === 1 ? { ...file.contents[0], etag } : { documents: file.contents, etag }
}

async function list(deps: ConfigurationDeps, kind: 'profile' | 'agreement'): Promise<object> {
  const all = await allOf(deps, kind, '')
  const shown = [...all].map(([key, versions]) => ({
    key,
    versions: versions.length,
    inUse: versions.filter(({ state }) => state !== 'retired').map(versionView),
  }))
  return kind === 'profile' ? { profiles: shown } : { agreements: shown }
}

function thing({ key, versions }: { key: string; versions: readonly Version[] }): object {
  return { key, versions: versions.map(versionView) }
}

function versionView({ version, state, at, content }: Version): object {
  return { version, state, at: at?.toISOString() ?? null, content }
}

async function partnerFile({ store }: ConfigurationDeps, key: string): Promise<ExportedFile> {
  const [file] = await exportConfiguration(store, { partner: key })
  return file!
}

async function agreementFile(deps: ConfigurationDeps, key: string): Promise<ExportedFile> {
  await thingNamed(deps, 'agreement', key)
  const files = await exportConfiguration(deps.store, { partner: null })
  return files.find(({ path }) => path === `agreements/${key}.yaml`)!
}

function noneThere(error: unknown): null {
  if (error instanceof HubError && error.code === 'nameUnknown') return null
  throw error
}

function contentOf(file: ExportedFile, kind: string): object {
  return file.contents[0]![kind] as object
}

/** Changes with every byte of the document, its versions and states included. */
function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`
}

function parameter(request: Request, name: string): string {
  return String(request.params[name])
}
