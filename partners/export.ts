import { Document, isMap, visit } from 'yaml'
import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import type { FurtherConfiguration } from './further.ts'
import { exportedAgreement, exportedPartner, inUse } from './exported.ts'
import { readConfiguration, type AgreementRow } from './store/configuration.ts'
import { readCredentials } from './store/credential.ts'
import { secretNames } from './store/secret.ts'

/** One document of the configuration as the hub has it, and the file it goes to (`partners/retailer.yaml`). */
export interface ExportedFile {
  path: string
  /** What stands in it: one document or, of an agreement with a draft beside it, two. */
  contents: readonly Readonly<Record<string, unknown>>[]
  text: string
}

/**
 * The configuration as it stands, in the form that `apply` takes: one file a partner and one an agreement, always the same bytes for the same
 * configuration. Secrets are named and not told (`keep: true`). With a partner's key, that partner alone; throws HubError `nameUnknown` where
 * there is none of that key.
 */
export async function exportConfiguration(
  store: Store,
  { partner, further }: { partner: string | null; further?: Pick<FurtherConfiguration, 'exported'> },
): Promise<ExportedFile[]> {
  const configuration = await readConfiguration(store)
  const source = {
    configuration,
    keys: new Map<PartnerId, string>(configuration.partners.map((row) => [row.id, row.key])),
    profiles: new Map(configuration.profiles.map((row) => [row.id, row])),
    credentials: await readCredentials(store.worker),
    secrets: await secretNames(store.worker),
  }
  const partners = configuration.partners.filter((row) => partner === null || row.key === partner)
  if (partner !== null && partners.length === 0) {
    const keys = configuration.partners.map((row) => row.key)
    throw new HubError('nameUnknown', `there is no partner \`${partner}\`${namesThere(partner, keys)}`)
  }
  const files = partners.map((row) =>
    fileOf(`partners/${row.key}.yaml`, { partner: exportedPartner(source, row) }),
  )
  if (partner !== null) return files
  const agreements = Map.groupBy(configuration.agreements, (row) => row.key)
  for (const [key, versions] of [...agreements].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    files.push(
      agreementFile(
        key,
        inUse<AgreementRow>(versions).map((row) => exportedAgreement(source, row)),
      ),
    )
  for (const { path, contents } of (await further?.exported()) ?? [])
    files.push({ path, contents, text: asStream(contents.map((content) => fileOf(path, content))) })
  return files
}

/** All files as one stream of documents. */
export function asStream(files: readonly ExportedFile[]): string {
  return files.map((file) => file.text).join('---\n')
}

function agreementFile(key: string, documents: Record<string, unknown>[]): ExportedFile {
  const files = documents.map((agreement) => fileOf(`agreements/${key}.yaml`, { agreement }))
  return { path: files[0]!.path, contents: files.flatMap((file) => file.contents), text: asStream(files) }
}

/** One partner's document as an export writes it. */
export function partnerFile(partner: Readonly<Record<string, unknown>>): ExportedFile {
  return documentFile([{ partner }])
}

/** Documents (`{ agreement: … }`) as an export writes them into one file. */
export function documentFile(contents: readonly Readonly<Record<string, unknown>>[]): ExportedFile {
  const files = contents.map((content) => fileOf('change.yaml', content))
  return { path: 'change.yaml', contents, text: asStream(files) }
}

const keptNote =
  ' `keep: true`: the value is not exported; the one that stands in the hub is kept. For another hub, put `env`, `file` or `value` in its place.'

function fileOf(path: string, content: Readonly<Record<string, unknown>>): ExportedFile {
  const document = new Document(content, { aliasDuplicateObjects: false })
  let keeps = false
  visit(document, {
    Map: (_, map) => {
      keeps ||= map.has('keep')
      return undefined
    },
  })
  if (keeps && isMap(document.contents)) document.commentBefore = keptNote
  return { path, contents: [content], text: document.toString({ lineWidth: 0, indent: 2 }) }
}
