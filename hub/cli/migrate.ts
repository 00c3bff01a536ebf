import { readConfig } from '#hub/base/config.ts'
import { openDatabase, prepareDatabase } from '#hub/tools.ts'
import type { Verb } from './verb.ts'

export const migrateVerb: Verb = {
  name: 'migrate',
  summary: 'brings the database to the newest form',
  usage: 'crossdock migrate',
  help: `Makes the roles crossdock_worker and crossdock_portal, the extension btree_gist, the tables and the queues.
The login of DATABASE_URL needs the right to create roles and extensions the first time; where it may not have that,
"crossdock doctor" names the statements for the server's administrator.`,
  run: async (call) => {
    const database = await openDatabase(readConfig(call.env))
    try {
      const applied = await prepareDatabase(database.url)
      if (call.json) call.out(JSON.stringify({ applied }))
      else call.out(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`)
      return 0
    } finally {
      await database.stop()
    }
  },
}
