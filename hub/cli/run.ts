import { nearest } from '#hub/base/nearest.ts'
import { useImportedDirectories } from '#hub/formats/edifact/directories.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import { acknowledge } from './acknowledge.ts'
import { apply } from './apply.ts'
import { configApprovals, configApprove, configProposals, configRefuse } from './config-approvals.ts'
import { configCompare, configRollback, configVersions, configWhereUsed } from './config-life.ts'
import { deliveryBlocking, deliveryConfirm, deliveryRetry, deliveryStop } from './delivery.ts'
import { demo } from './demo/index.ts'
import { canonicalSchema } from './canonical-schema.ts'
import { directories, directoriesExplain, directoriesImport, importedFolder } from './directories.ts'
import { doctor } from './doctor.ts'
import { drift } from './drift.ts'
import { exportVerb } from './export.ts'
import { holdConfirm, holdList, holdReject, holdRelease, holdShow } from './hold.ts'
import { keyList, keyRetire, keyRotate } from './key.ts'
import { ledgerEpoch } from './ledger-epoch.ts'
import { mappingDiff, mappingRebase, mappingTest } from './mapping.ts'
import { migrateVerb } from './migrate.ts'
import { parse } from './parse.ts'
import { partnerOffboard } from './partner-offboard.ts'
import { partnerImport } from './partner-import.ts'
import { replayAgain, replayAsNew, replayReprocess, replayRun } from './replay.ts'
import { send } from './send.ts'
import { serve } from './serve.ts'
import { tokenAdd } from './token-add.ts'
import { translate } from './translate.ts'
import { route, unrouted } from './route.ts'
import { trace } from './trace.ts'
import { userAdd } from './user-add.ts'
import { verify } from './verify.ts'
import { readCall, UsageError, type Call, type Verb } from './verb.ts'

const verbs: readonly Verb[] = [
  serve,
  demo,
  parse,
  translate,
  acknowledge,
  send,
  trace,
  unrouted,
  route,
  apply,
  drift,
  exportVerb,
  partnerImport,
  partnerOffboard,
  directoriesExplain,
  canonicalSchema,
  directoriesImport,
  directories,
  configVersions,
  configCompare,
  configRollback,
  configWhereUsed,
  configProposals,
  configApprove,
  configRefuse,
  configApprovals,
  deliveryBlocking,
  deliveryRetry,
  deliveryStop,
  deliveryConfirm,
  replayAgain,
  replayAsNew,
  replayReprocess,
  replayRun,
  mappingTest,
  mappingDiff,
  mappingRebase,
  holdList,
  holdShow,
  holdRelease,
  holdReject,
  holdConfirm,
  verify,
  ledgerEpoch,
  keyList,
  keyRotate,
  keyRetire,
  doctor,
  migrateVerb,
  userAdd,
  tokenAdd,
]

/** Runs the command with its arguments; returns the exit code: 0 good, 1 found wanting, 2 could not do it. */
export async function run(args: string[]): Promise<number> {
  const out = (text: string) => void process.stdout.write(`${text}\n`)
  const error = (text: string) => void process.stderr.write(`${text}\n`)
  const found = findVerb(args)
  if (found === null) {
    const group = verbs.filter((verb) => verb.name.split(' ')[0] === args[0])
    if (group.length > 0) {
      out(group.map(helpOf).join('\n\n'))
      return args.slice(1).every((arg) => arg === '--help' || arg === '-h') && args.length > 1 ? 0 : 2
    }
    const asked = args.length === 0 || ['--help', '-h', 'help'].includes(args[0]!)
    if (!asked) error(`crossdock: there is no verb "${args[0]}"${verbMeant(args[0]!)}\n`)
    ;(asked ? out : error)(overview())
    return asked ? 0 : 2
  }
  const { verb, rest } = found
  try {
    const { positionals, options } = readCall(verb, rest)
    if (options['help'] === true) {
      out(helpOf(verb))
      return 0
    }
    useImportedDirectories(importedFolder(process.env))
    const call: Call = { positionals, options, json: options['json'] === true, env: process.env, out, error }
    return await verb.run(call)
  } catch (caught) {
    error(sayWhy(verb, caught))
    return 2
  }
}

function findVerb(args: string[]): { verb: Verb; rest: string[] } | null {
  for (const verb of verbs) {
    const words = verb.name.split(' ')
    if (words.every((word, index) => args[index] === word)) return { verb, rest: args.slice(words.length) }
  }
  return null
}

function verbMeant(word: string): string {
  const meant = nearest(word, [...new Set(verbs.map((verb) => verb.name.split(' ')[0]!))])
  return meant === null ? '' : `; did you mean "${meant}"?`
}

function overview(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length)) + 2
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(width)}${verb.summary}`)
  return [
    'crossdock: a hub for exchanging business documents with trading partners',
    '',
    ...lines,
    '',
    'crossdock VERB --help tells more of one. Every verb takes --json.',
    'Exit code: 0 good, 1 found wanting, 2 could not do it.',
  ].join('\n')
}

function helpOf(verb: Verb): string {
  return [verb.summary, '', `  ${verb.usage}`, ...(verb.help === undefined ? [] : ['', verb.help])].join('\n')
}

function sayWhy(verb: Verb, caught: unknown): string {
  if (caught instanceof UsageError) return `crossdock ${verb.name}: ${caught.message}\n\n  ${verb.usage}`
  if (caught instanceof HubError) {
    const row = codes[caught.code]
    const said =
      caught.message === row.en.what
        ? row.en.what
        : `${row.en.what}\n  ${caught.message.replaceAll('\n', '\n  ')}`
    return `crossdock ${verb.name}: ${row.code} ${said}\n  ${row.en.fix}`
  }
  const known = knownTrouble(caught)
  return `crossdock ${verb.name}: ${known ?? messageOf(caught)}`
}

function knownTrouble(caught: unknown): string | null {
  const { code, port } = caught as { code?: string; port?: number }
  if (code === 'EADDRINUSE') {
    return `port ${port ?? ''} is taken; stop what listens there, or choose another by CROSSDOCK_HTTP_PORT or CROSSDOCK_SFTP_PORT`
  }
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === '57P03') {
    return `the database cannot be reached (${messageOf(caught) || code}); is PostgreSQL running, and is DATABASE_URL right?`
  }
  if (code === '42P01') return 'the database has no tables yet; run "crossdock migrate" first'
  return null
}
