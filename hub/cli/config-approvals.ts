import { readConfig } from '#hub/base/config.ts'
import {
  approvalsOf,
  approveProposal,
  proposalsOf,
  refuseProposal,
  setApprovalsTo,
  type ProposalRow,
} from '#hub/configuration-tools.ts'
import { withTools } from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Verb } from './verb.ts'

export const configApprovals: Verb = {
  name: 'config approvals',
  summary: 'tells or sets whether what is live changes by two people',
  usage: 'crossdock config approvals [required|off --by EMAIL]',
  help: `Where it is required, "crossdock apply" of anything live makes a proposal, which another operator approves. docs/partners.md tells what
counts as live.`,
  options: { by: { type: 'string' } },
  run: async (call) => {
    const [value] = call.positionals
    if (call.positionals.length > 1 || (value !== undefined && value !== 'required' && value !== 'off'))
      throw new UsageError('give `required` or `off`')
    const now = await withTools(readConfig(call.env), async (tools) => {
      if (value !== undefined) await setApprovalsTo(tools, value, requiredOption(call, 'by'))
      return approvalsOf(tools)
    })
    call.out(call.json ? JSON.stringify({ approvals: now }) : now)
    return 0
  },
}

export const configProposals: Verb = {
  name: 'config proposals',
  summary: 'lists changes that wait for another person',
  usage: 'crossdock config proposals [--all]',
  help: '--all lists those that were decided on, too. Exit code 1 where one is open.',
  options: { all: { type: 'boolean' } },
  run: async (call) => {
    const open = call.options['all'] !== true
    const rows = await withTools(readConfig(call.env), (tools) => proposalsOf(tools, { open }))
    if (call.json) call.out(JSON.stringify({ proposals: rows }, null, 2))
    else call.out(rows.length === 0 ? 'None.' : rows.map(proposalText).join('\n'))
    return rows.some(({ state }) => state === 'open') ? 1 : 0
  },
}

export const configApprove: Verb = {
  name: 'config approve',
  summary: 'carries out what another person proposed',
  usage: 'crossdock config approve ID --by EMAIL [--reason TEXT]',
  help: 'Refused where the configuration has changed since, so that it would do something else than what was proposed.',
  options: { by: { type: 'string' }, reason: { type: 'string' } },
  run: async (call) => {
    const decision = decisionOf(onePositional(call, 'ID of a proposal'), {
      by: requiredOption(call, 'by'),
      reason: textOption(call, 'reason') ?? '',
    })
    const changes = await withTools(readConfig(call.env), (tools) => approveProposal(tools, decision))
    const real = changes.filter(({ action }) => !['none', 'absent', 'missing'].includes(action))
    if (call.json) call.out(JSON.stringify({ changes }, null, 2))
    else call.out(real.map(({ action, kind, key }) => `${action.padEnd(7)} ${kind} ${key}`).join('\n'))
    return 0
  },
}

export const configRefuse: Verb = {
  name: 'config refuse',
  summary: 'refuses what was proposed',
  usage: 'crossdock config refuse ID --by EMAIL --reason TEXT',
  options: { by: { type: 'string' }, reason: { type: 'string' } },
  run: async (call) => {
    const decision = decisionOf(onePositional(call, 'ID of a proposal'), {
      by: requiredOption(call, 'by'),
      reason: requiredOption(call, 'reason'),
    })
    await withTools(readConfig(call.env), (tools) => refuseProposal(tools, decision))
    call.out(call.json ? JSON.stringify({ refused: decision.id }) : `Refused ${decision.id}.`)
    return 0
  },
}

function decisionOf(id: string, more: { by: string; reason: string }) {
  if (more.reason.length > 1_000) throw new UsageError('a reason has at most 1000 characters')
  return { id, ...more }
}

function proposalText({ id, at, proposer, reason, state, changes, decider }: ProposalRow): string {
  const what = changes.map(({ action, kind, key, fields }) => {
    const named = fields.length === 0 ? '' : `: ${fields.join(', ')}`
    return `    ${action.padEnd(7)} ${kind} ${key}${named}`
  })
  const decided = decider === null ? '' : ` by ${decider}`
  const why = reason === '' ? '' : `: ${reason}`
  return [`${id}  ${state}${decided}  ${proposer}, ${at.toISOString()}${why}`, ...what].join('\n')
}
