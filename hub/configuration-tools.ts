import { importedPartners, type ImportOptions } from '#partners/import/index.ts'
import type { ConfigurationFile } from '#partners/apply.ts'
import { withDeps, type Tools } from './tools.ts'

/** What the verbs about partners and about the life of the configuration work with. */

/** The documents of the partners in a table, checked; nothing is applied. Throws a ConfigurationError that names lines and columns. */
export async function partnersOfTable(
  tools: Tools,
  table: ConfigurationFile,
  options: ImportOptions,
): Promise<ConfigurationFile[]> {
  return withDeps(tools, (deps) => importedPartners(deps, table, options))
}
