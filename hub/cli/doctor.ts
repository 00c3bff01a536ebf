import { readConfig } from '#hub/base/config.ts'
import { openDatabase } from '#hub/main.ts'
import type { Examined } from '#hub/store/examine.ts'
import { examine } from './doctor/examine.ts'
import type { Verb } from './verb.ts'

export const doctor: Verb = {
  name: 'doctor',
  summary: 'examines this installation: database, keys, and the nine checks of the promise',
  usage: 'crossdock doctor',
  help: `Says what is good and what is not, each with what to do. Where the database's login may not make roles or extensions, it
prints the statements for the server's administrator. Exit code 1 where something is not good.`,
  run: async (call) => {
    const config = readConfig(call.env)
    const database = await openDatabase(config)
    try {
      const examined = await examine(config, database.url)
      if (call.json) call.out(JSON.stringify({ checks: examined }, null, 2))
      else call.out(examined.map(line).join('\n'))
      return examined.every((check) => check.good) ? 0 : 1
    } finally {
      await database.stop()
    }
  },
}

function line({ name, good, found, remedy }: Examined): string {
  const said = `${good ? 'good    ' : 'NOT GOOD'}  ${name}: ${found}`
  return remedy === null ? said : `${said}\n            ${remedy.replaceAll('\n', '\n            ')}`
}
