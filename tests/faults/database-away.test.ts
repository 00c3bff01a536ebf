import { test } from 'vitest'
import { loseDatabase } from './lose-database.ts'

test(
  'R2 under load the database is stopped at once and killed, again and again: senders are asked to come back, the same hub goes on, and nothing is lost or doubled',
  { timeout: 600_000 },
  () => loseDatabase(['stop', 'kill', 'stop', 'kill']),
)
