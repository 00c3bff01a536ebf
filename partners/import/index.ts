import { limits } from '#hub/base/limits.ts'
import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import { planConfiguration, type ConfigurationDeps, type ConfigurationFile } from '../apply.ts'
import { exportConfiguration, partnerFile } from '../export.ts'
import { ConfigurationError, type Problem } from '../problems.ts'
import { partnerKeys } from '../store/channel.ts'
import { documentOf } from './document.ts'
import { readTable, type Column, type Row } from './table.ts'
import { profileTemplates, type ProfileTemplate } from './templates.ts'

export interface ImportOptions {
  /** The profiles of rows that name none: of a template, or those of a partner that stands in the hub. */
  template?: string
  like?: string
}

/**
 * The documents of the partners in a table of comma-separated values, one each, checked as `apply` checks them. Throws a ConfigurationError in
 * which each problem has the line and the column of the table; HubError `nameUnknown` for a template or partner that there is not.
 */
export async function importedPartners(
  deps: ConfigurationDeps,
  table: ConfigurationFile,
  options: ImportOptions,
): Promise<ConfigurationFile[]> {
  if (Buffer.byteLength(table.text) > limits.configurationFileBytes)
    throw refused(table, [
      { line: 1, field: '', message: `larger than ${limits.configurationFileBytes} bytes` },
    ])
  const profiles = await profilesOf(deps, options)
  const { rows, problems } = readTable(table.path, table.text)
  if (problems.length > 0) throw new ConfigurationError(problems)
  if (rows.length > limits.configurationFiles)
    throw refused(table, [{ line: 1, field: '', message: `more than ${limits.configurationFiles} partners` }])
  const standing = new Set(await partnerKeys(deps.store.worker))
  const found: Found[] = []
  const files = rows.map((row) => {
    const refuse = (field: Column, message: string) => void found.push({ line: row.line, field, message })
    const { key } = row.cells
    if (key !== undefined && standing.has(key))
      refuse('key', `there is a partner \`${key}\` already; an import only adds`)
    if (key !== undefined && rows.find(({ cells }) => cells.key === key) !== row)
      refuse('key', 'another line of the table has this key')
    const { text } = partnerFile(documentOf(row, profiles, refuse))
    return { row, file: { path: `line-${row.line}.yaml`, text } }
  })
  if (found.length > 0) throw refused(table, found)
  await checked(deps, table, files)
  return files.map(({ row, file }) => ({ ...file, path: `partners/${row.cells.key}.yaml` }))
}

interface Found {
  line: number
  field: string
  message: string
}

/** What the check of documents finds is told by the line and column that it comes from. */
async function checked(
  deps: ConfigurationDeps,
  table: ConfigurationFile,
  files: readonly { row: Row; file: ConfigurationFile }[],
): Promise<void> {
  try {
    await planConfiguration(
      deps,
      files.map(({ file }) => file),
    )
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const lines = new Map(files.map(({ row, file }) => [file.path, row.line]))
    throw refused(
      table,
      error.problems.map(({ file, field, message }) => ({
        line: lines.get(file) ?? 1,
        field: columnOf(field),
        message,
      })),
    )
  }
}

function columnOf(field: string): string {
  return columnPatterns.find(([pattern]) => pattern.test(field))?.[1] ?? field
}

/** Which column a field of a document comes from. */
const columnPatterns: readonly [RegExp, Column][] = [
  [/^partner\.key/, 'key'],
  [/^partner\.name/, 'name'],
  [/^partner\.language/, 'language'],
  [/^partner\.timeZone/, 'time_zone'],
  [/\.(identities\[\d+\]|channels\[\d+\]|profiles\[\d+\])\.env$/, 'env'],
  [/^partner\.identities/, 'identities'],
  [/settings\.hostKeys/, 'host_keys'],
  [/settings/, 'address'],
  [/channels\[\d+\]\.key/, 'channel_key'],
  [/logins/, 'username'],
  [/^partner\.channels/, 'channel'],
  [/profiles\[\d+\]\.channel/, 'channel'],
  [/^partner\.profiles/, 'profiles'],
  [/contacts\[\d+\]\.name/, 'contact_name'],
  [/contacts\[\d+\]\.language/, 'contact_language'],
  [/^partner\.contacts/, 'contact_email'],
]

async function profilesOf(
  deps: ConfigurationDeps,
  options: ImportOptions,
): Promise<readonly ProfileTemplate[]> {
  const { template, like } = options
  if (template !== undefined) {
    const found = Object.hasOwn(profileTemplates, template) ? profileTemplates[template] : undefined
    if (found !== undefined) return [found]
    const hint = namesThere(template, Object.keys(profileTemplates))
    throw new HubError('nameUnknown', `there is no template \`${template}\`${hint}`)
  }
  if (like === undefined) return []
  const [file] = await exportConfiguration(deps.store, { partner: like })
  const { partner } = file!.contents[0] as { partner: { profiles?: (ProfileTemplate & Placed)[] } }
  const live = (partner.profiles ?? []).filter(({ state = 'live' }) => state === 'live')
  // one for both environments: each partner of the table begins in its own
  const profiles = live.map(({ env: _env, channel: _channel, state: _state, ...profile }) => profile)
  const named = ({ direction, type, format, guide = '*' }: ProfileTemplate) =>
    [direction, type, format, guide].join(' ')
  return [...new Map(profiles.map((profile) => [named(profile), profile])).values()]
}

interface Placed {
  env: string
  channel: string
  state?: string
}

function refused(table: ConfigurationFile, found: readonly Found[]): ConfigurationError {
  const problems = found.map(({ line, field, message }): Problem => ({
    file: table.path,
    line,
    column: 1,
    field,
    message,
  }))
  return new ConfigurationError(problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)))
}
