import { readConfig } from '#hub/base/config.ts'
import { traceWords, withTools } from '#hub/tools.ts'
import { countUnprocessed } from '#hub/store/find-unprocessed.ts'
import { UsageError, type Verb } from './verb.ts'

export const trace: Verb = {
  name: 'trace',
  summary: 'where is order 345? The answer in a sentence, and the timeline',
  usage: 'crossdock trace WORDS',
  help: `WORDS as people type them: "345", "order 345", "commande 345", "where is order 345?", a control reference, a file name, a
document's id. Where all words together find nothing, the last one is looked for by itself.
Exit code 1 where nothing is found.`,
  run: async (call) => {
    const words = call.positionals.join(' ').trim()
    if (words === '') throw new UsageError('say what to look for, e.g. crossdock trace order 345')
    const { found, unprocessed } = await withTools(readConfig(call.env), async (tools) => {
      const all = await traceWords(tools, words)
      const last = words.split(/\s+/).at(-1)!.replace(/\?+$/, '')
      const found = all.length > 0 || !/\d/.test(last) ? all : await traceWords(tools, last)
      return { found, unprocessed: found.length > 0 ? 0 : await countUnprocessed(tools.store.worker) }
    })
    if (call.json) call.out(JSON.stringify(found, null, 2))
    else if (found.length === 0) call.out(nothingKnown(words, unprocessed))
    else call.out(found.map(({ text }) => text).join('\n\n'))
    return found.length === 0 ? 1 : 0
  },
}

function nothingKnown(words: string, unprocessed: number): string {
  const nothing = `Nothing is known by "${words}": no document, reference or file name begins with it.`
  if (unprocessed === 0) return nothing
  const files = unprocessed === 1 ? '1 accepted file waits' : `${unprocessed} accepted files wait`
  return `${nothing}\n${files} to be read; a hub does so while it runs (crossdock serve).`
}
