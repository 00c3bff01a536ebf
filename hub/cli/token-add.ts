import { readConfig } from '#hub/base/config.ts'
import { addToken, tokenOfPerson, withTools, type Tools } from '#hub/tools.ts'
import { requiredOption, textOption, UsageError, type Call, type Verb } from './verb.ts'

export const tokenAdd: Verb = {
  name: 'token add',
  summary: 'makes a token with which a partner or a person calls the API',
  usage: `crossdock token add --partner KEY [--channel KEY] [--name NAME]
crossdock token add --person EMAIL [--days N] [--name NAME]`,
  help: `With --partner it is the token of a channel of kind https; where the partner has only one, it need not be named. With --person
it is that of somebody who signs in: what is done with it is done in their name; it ends after 90 days, or --days. The token is printed
this once; only its hash is kept.`,
  options: {
    partner: { type: 'string' },
    channel: { type: 'string' },
    person: { type: 'string' },
    days: { type: 'string' },
    name: { type: 'string' },
  },
  run: async (call) => {
    const name = textOption(call, 'name') ?? 'command line'
    const make = textOption(call, 'person') === undefined ? ofChannel(call, name) : ofPerson(call, name)
    const token = await withTools(readConfig(call.env), make)
    call.out(call.json ? JSON.stringify({ token }) : `The token, shown this once:\n${token}`)
    return 0
  },
}

type Make = (tools: Tools) => Promise<string>

function ofChannel(call: Call, name: string): Make {
  const partner = requiredOption(call, 'partner')
  const channel = textOption(call, 'channel') ?? null
  return (tools) => addToken(tools, { partner, channel, name })
}

function ofPerson(call: Call, name: string): Make {
  const email = requiredOption(call, 'person')
  const days = textOption(call, 'days') ?? '90'
  for (const other of ['partner', 'channel'])
    if (textOption(call, other) !== undefined)
      throw new UsageError(`--person and --${other} do not go together`)
  if (!/^\d{1,4}$/.test(days)) throw new UsageError('--days is a number')
  return (tools) => tokenOfPerson(tools, { email, name, days: Number(days) })
}
