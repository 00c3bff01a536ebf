import { userInfo } from 'node:os'
import { readConfig } from '#hub/base/config.ts'
import { lineageOfMapping, rebaseMapping, testMappings, withTools, type Lineage } from '#hub/tools.ts'
import { onePositional, UsageError, type Verb } from './verb.ts'

export const mappingTest: Verb = {
  name: 'mapping test',
  summary: "runs the test cases of mappings of one's own",
  usage: 'crossdock mapping test [KEY]',
  help: `Runs the test cases of every version in use and of drafts, of the mapping KEY or of all. "crossdock apply --plan" does the same for
mappings that stand in files. docs/mappings.md is the reference. Exit code 1 where one fails.`,
  run: async (call) => {
    if (call.positionals.length > 1) throw new UsageError('give one KEY, or none')
    const key = call.positionals[0] ?? null
    const tested = await withTools(readConfig(call.env), (tools) => testMappings(tools, key))
    if (call.json) call.out(JSON.stringify({ mappings: tested }, null, 2))
    for (const { key: name, version, state, tests, faults } of call.json ? [] : tested) {
      const cases = `${tests} test case${tests === 1 ? '' : 's'}`
      call.out(`${faults.length === 0 ? 'good' : 'FAILS'} ${name} version ${version} (${state}): ${cases}`)
      for (const fault of faults) call.out(`      ${fault}`)
    }
    if (!call.json && tested.length === 0) call.out("There is no mapping of one's own.")
    return tested.some(({ faults }) => faults.length > 0) ? 1 : 0
  },
}

export const mappingDiff: Verb = {
  name: 'mapping diff',
  summary: 'tells what a mapping extends, and what changed there since',
  usage: 'crossdock mapping diff KEY',
  help: `A mapping goes on from the version that its base had when it was made. Rules of the base that went since are marked with -, those
that came with +. "crossdock mapping rebase KEY" takes them over. Exit code 1 where something changed.`,
  run: async (call) => {
    const key = onePositional(call, 'KEY of a mapping')
    const lineage = await withTools(readConfig(call.env), (tools) => lineageOfMapping(tools, key))
    call.out(call.json ? JSON.stringify(lineage, null, 2) : tell(lineage))
    return lineage.changes.length > 0 ? 1 : 0
  },
}

export const mappingRebase: Verb = {
  name: 'mapping rebase',
  summary: 'makes a version of a mapping that goes on from the newest version of what it extends',
  usage: 'crossdock mapping rebase KEY',
  help: `Refused while one of the mapping's test cases fails with it. "crossdock mapping diff KEY" shows beforehand what changes.`,
  run: async (call) => {
    const key = onePositional(call, 'KEY of a mapping')
    const actor = `cli:${userInfo().username}`
    const made = await withTools(readConfig(call.env), (tools) => rebaseMapping(tools, key, { actor }))
    if (call.json) call.out(JSON.stringify({ key, made }))
    else if (made === null) call.out(`${key} goes on from the newest version already.`)
    else call.out(`${key} version ${made.version} goes on from ${made.base}.`)
    return 0
  },
}

function tell({ key, version, base, changes }: Lineage): string {
  if (base === null) return `${key} version ${version} extends nothing.`
  const head = `${key} version ${version} extends ${base.name} version ${base.version}`
  if (changes.length === 0)
    return base.newest === base.version
      ? `${head}, which is the newest.`
      : `${head}; version ${base.newest} has the same rules.`
  return [`${head}; the newest is ${base.newest}:`, ...changes.map((change) => `  ${change}`)].join('\n')
}
