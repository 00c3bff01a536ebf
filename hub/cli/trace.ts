import { readConfig } from '#hub/base/config.ts'
import { traceWords, withTools } from '#hub/main.ts'
import { UsageError, type Verb } from './verb.ts'

export const trace: Verb = {
  name: 'trace',
  summary: 'where is order 345? The answer in a sentence, and the timeline',
  usage: 'crossdock trace WORDS',
  help: `WORDS as people type them: "345", "order 345", "commande 345", a control reference, a file name, a document's id.
Exit code 1 where nothing is found.`,
  run: async (call) => {
    const words = call.positionals.join(' ').trim()
    if (words === '') throw new UsageError('say what to look for, e.g. crossdock trace order 345')
    const found = await withTools(readConfig(call.env), (tools) => traceWords(tools, words))
    if (call.json) call.out(JSON.stringify(found, null, 2))
    else if (found.length === 0)
      call.out(`Nothing is known by "${words}": no document, reference or file name begins with it.`)
    else call.out(found.map(({ text }) => text).join('\n\n'))
    return found.length === 0 ? 1 : 0
  },
}
