import { readConfig } from '#hub/base/config.ts'
import { addToken, withTools } from '#hub/tools.ts'
import { requiredOption, textOption, type Verb } from './verb.ts'

export const tokenAdd: Verb = {
  name: 'token add',
  summary: 'makes a token with which a partner calls the API',
  usage: 'crossdock token add --partner KEY [--channel KEY] [--name NAME]',
  help: `The channel is one of kind https; where the partner has only one, it need not be named. The token is printed this once; only its
hash is kept.`,
  options: { partner: { type: 'string' }, channel: { type: 'string' }, name: { type: 'string' } },
  run: async (call) => {
    const asked = {
      partner: requiredOption(call, 'partner'),
      channel: textOption(call, 'channel') ?? null,
      name: textOption(call, 'name') ?? 'command line',
    }
    const token = await withTools(readConfig(call.env), (tools) => addToken(tools, asked))
    call.out(call.json ? JSON.stringify({ token }) : `The token, shown this once:\n${token}`)
    return 0
  },
}
