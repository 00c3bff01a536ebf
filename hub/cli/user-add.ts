import { randomBytes } from 'node:crypto'
import { readConfig } from '#hub/base/config.ts'
import { addPerson, personRoles, withTools, type PersonRole } from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Verb } from './verb.ts'

export const userAdd: Verb = {
  name: 'user add',
  summary: 'adds a person who may sign in to the portal',
  usage: 'crossdock user add EMAIL --name NAME --role ROLE [--partner KEY] [--language en|fr]',
  help: `Roles: operator and auditor see everything; partner_admin and partner_user see what is their partner's and need --partner.
The password is read from the variable CROSSDOCK_PASSWORD; without it one is made and printed, this once.`,
  options: {
    name: { type: 'string' },
    role: { type: 'string' },
    partner: { type: 'string' },
    language: { type: 'string' },
  },
  run: async (call) => {
    const email = onePositional(call, 'EMAIL')
    const role = requiredOption(call, 'role') as PersonRole
    if (!personRoles.includes(role)) throw new UsageError(`--role is one of ${personRoles.join(', ')}`)
    const language = textOption(call, 'language')
    if (language !== undefined && language !== 'en' && language !== 'fr')
      throw new UsageError('--language is en or fr')
    const given = call.env['CROSSDOCK_PASSWORD']
    const password = given ?? randomBytes(12).toString('base64url')
    const name = requiredOption(call, 'name')
    const partner = textOption(call, 'partner') ?? null
    const id = await withTools(readConfig(call.env), (tools) =>
      addPerson(tools, {
        email,
        name,
        role,
        partner,
        password,
        ...(language === undefined ? {} : { language }),
      }),
    )
    const shown = given === undefined ? { password } : {}
    if (call.json) call.out(JSON.stringify({ id, email, role, ...shown }))
    else
      call.out(
        `${name} may sign in as ${email}.${given === undefined ? `\nPassword, shown this once: ${password}` : ''}`,
      )
    return 0
  },
}
