import { readConfig, type Config } from '#hub/base/config.ts'
import { openDatabase } from '#hub/tools.ts'
import { codes } from '#hub/model/codes/index.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { Examined } from '#hub/store/examine.ts'
import { examine } from './doctor/examine.ts'
import { examineMachine } from './doctor/machine.ts'
import { examinePorts } from './doctor/ports.ts'
import type { Call, Verb } from './verb.ts'

export const doctor: Verb = {
  name: 'doctor',
  summary:
    'examines this installation: machine, database, keys, ledger, queue, and the nine checks of the promise',
  usage: 'crossdock doctor',
  help: `Says what is good and what is not, each with what was found and what to do, and its code where it has one. Looked at are the program,
its configuration and limits, the data folder and its disk, the ports; the database's version, durability, clock, roles, extension,
migrations and partitions; the queue; the master key and the ledger; what waits too long or lies about; and the nine checks.
Where the database's login may not make roles or extensions, it prints the statements for the server's administrator. Nothing is changed.
Exit code 0 all is good, 1 something is not, 2 the configuration cannot be read or the database cannot be reached.`,
  run: async (call) => {
    const configured = readConfiguration(call.env)
    if ('name' in configured) return tell(call, [configured])
    const machine = [...(await examineMachine(configured, call.env)), ...(await examinePorts(configured))]
    return tell(call, [...machine, ...(await examineInstallation(configured))])
  },
}

function readConfiguration(env: NodeJS.ProcessEnv): Config | Examined {
  try {
    return readConfig(env)
  } catch (error) {
    const { code } = codes.configInvalid
    const remedy = 'Correct the variable; docs/operations.md lists all of them.'
    return { name: 'configuration', good: false, found: messageOf(error), code, remedy }
  }
}

async function examineInstallation(config: Config): Promise<Examined[]> {
  let database
  try {
    database = await openDatabase(config)
  } catch (error) {
    const remedy =
      'Its log is postgres/postgres.log of the data folder; docs/operations.md tells of the embedded database.'
    const found = `the embedded one does not start: ${messageOf(error)}`
    return [{ name: 'database', good: false, found, code: codes.databaseAway.code, remedy }]
  }
  try {
    return await examine(config, database.url)
  } finally {
    await database.stop()
  }
}

function tell(call: Call, checks: Examined[]): number {
  if (call.json) call.out(JSON.stringify({ good: checks.every(({ good }) => good), checks }, null, 2))
  else call.out([...checks.map(line), summary(checks)].join('\n'))
  if (checks.some(({ good, name }) => !good && (name === 'database' || name === 'configuration'))) return 2
  return checks.every(({ good }) => good) ? 0 : 1
}

function line({ name, good, found, code, remedy }: Examined): string {
  const said = `${good ? 'good    ' : 'NOT GOOD'}  ${name}: ${code === undefined ? '' : `${code} `}${found}`
  return remedy === null ? said : `${said}\n            ${remedy.replaceAll('\n', '\n            ')}`
}

function summary(checks: readonly Examined[]): string {
  const bad = checks.filter(({ good }) => !good).map(({ name }) => name)
  return bad.length === 0
    ? `All ${checks.length} are good.`
    : `${bad.length} of ${checks.length} not good: ${bad.join(', ')}.`
}
