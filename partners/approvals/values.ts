import { isMap, isSeq, parseAllDocuments, type Document, type YAMLMap } from 'yaml'
import type { ConfigurationFile } from '../apply.ts'
import { takeSecret } from '../sources.ts'

/**
 * The same files with the values of secrets in the place of where they come from (`env`, `file`): who approves later has neither the variables
 * nor the files of whoever proposed. The files were planned before, so that everything can be taken.
 */
export function withValues(files: readonly ConfigurationFile[], env: NodeJS.ProcessEnv): ConfigurationFile[] {
  return files.map(({ path, text }) => {
    const documents = parseAllDocuments(text)
    const list = Array.isArray(documents) ? documents : []
    for (const document of list) for (const source of sourcesIn(document)) fill(source, { beside: path, env })
    return { path, text: list.map((document) => document.toString({ lineWidth: 0 })).join('---\n') }
  })
}

/** The log-ins and secrets of all channels. */
function sourcesIn(document: Document): YAMLMap[] {
  const channels = document.getIn(['partner', 'channels'], true)
  if (!isSeq(channels)) return []
  return channels.items.filter(isMap).flatMap((channel) => {
    const logins = channel.get('logins', true)
    const secrets = channel.get('secrets', true)
    const values = isMap(secrets) ? secrets.items.map(({ value }) => value) : []
    return [...(isSeq(logins) ? logins.items : []), ...values].filter(isMap)
  })
}

function fill(source: YAMLMap, from: { beside: string; env: NodeJS.ProcessEnv }): void {
  const [env, file] = [source.get('env'), source.get('file')]
  if (typeof env !== 'string' && typeof file !== 'string') return
  const named = typeof env === 'string' ? { env } : { file: String(file) }
  const taken = takeSecret(named, { ...from, optional: true })
  if (taken !== null && 'fault' in taken) return
  // what stands at the path, or in the variable, at the time of the decision is not what was proposed
  source.delete('env')
  source.delete('file')
  if (taken === null) return
  source.delete('keep')
  source.set('value', taken.reveal())
}
