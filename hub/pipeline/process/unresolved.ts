import type { Candidate, Resolution, ResolveQuestion } from '#hub/model/agreement.ts'
import type { Finding, Position } from '#hub/model/findings.ts'
import type { FormatName, WireIdentity } from '#hub/model/format.ts'
import { nearestFirst, reasonText } from '#hub/model/reasons.ts'
import { findingOf } from './finding-of.ts'
import type { FoundDocument } from './stages.ts'

type Unresolved = Extract<Resolution, { kind: 'unresolved' }>

/** Where a question comes from; of a document that waited only the question itself is left. */
type Source = Pick<FoundDocument, 'envelope' | 'message'>

const nowhere: Source = { envelope: null, message: null }

/**
 * Why a message has no agreement, as a finding that names the values asked for: identities with their scheme and their
 * place in the file, environments, or type, format and guide with the candidates that were refused.
 */
export function unresolvedFinding(
  resolution: Unresolved,
  question: ResolveQuestion,
  source: Source = nowhere,
): Finding {
  const { message, about } = wordsOf(resolution, question)
  const finding = findingOf(resolution.code, source.message)
  if (about === null) return { ...finding, message }
  return {
    ...finding,
    message,
    position: { ...finding.position, ...positionOf(about, question, source.envelope) },
  }
}

/** What of the envelope, or of the content where there is none, a finding is about. */
type About = 'sender' | 'receiver' | 'env'

interface Words {
  message: string
  about: About | null
}

function wordsOf(resolution: Unresolved, question: ResolveQuestion): Words {
  switch (resolution.code) {
    case 'senderUnknown':
      return senderWords(question)
    case 'receiverUnknown':
      return receiverWords(question)
    case 'environmentMismatch':
      return environmentWords(resolution, question)
    case 'profileMissing':
      return {
        message: `The sender has no live profile for ${wanted(question)}${looked(resolution)}`,
        about: null,
      }
    case 'agreementMissing': {
      const { sender, receiver } = question
      const between = `from ${named(sender)} to ${named(receiver)}`
      return { message: `No agreement for ${wanted(question)} ${between}${looked(resolution)}`, about: null }
    }
  }
}

function senderWords(question: ResolveQuestion): Words {
  const channel = `channel "${question.channel.key}"`
  if (question.sender === null)
    return { message: `The file names no sender, and the ${channel} speaks for several`, about: 'sender' }
  const message = `The sender's identity ${named(question.sender)}${placed('sender', question)} is none that may speak on the ${channel}`
  return { message, about: 'sender' }
}

function receiverWords(question: ResolveQuestion): Words {
  if (question.receiver === null)
    return { message: 'The file names no receiver, and several agreements fit', about: 'receiver' }
  const identity = `${named(question.receiver)}${placed('receiver', question)}`
  return { message: `No partner has the receiver's identity ${identity}`, about: 'receiver' }
}

/** What channel, file and agreement each say; where the file agrees, it is an identity that is registered elsewhere. */
function environmentWords({ profile, candidates }: Unresolved, question: ResolveQuestion): Words {
  const { channel, env } = question
  const file = env === null ? 'the file does not say' : `the file says ${env}${placed('env', question)}`
  const elsewhere = candidates.find(
    ({ kind, refused }) => kind !== 'identity' && refused?.reason === 'environmentOther',
  )
  const agreed = elsewhere?.refused?.['is'] ?? profile?.env
  const agreement =
    agreed === undefined ? 'no agreement was looked for' : `the sender's agreements for it are for ${agreed}`
  const said = `The channel "${channel.key}" is for ${channel.env}, ${file}, ${agreement}`
  if (env !== null && env !== channel.env) return { message: said, about: 'env' }
  if (elsewhere !== undefined) return { message: said, about: null }
  const side = profile === null ? 'sender' : 'receiver'
  const identity = `the ${side}'s identity ${named(question[side])}${placed(side, question)}`
  return { message: `${said}; ${identity} is not registered for ${channel.env}`, about: side }
}

function wanted({ type, format, guide }: ResolveQuestion): string {
  return `${shown(type)} as ${format}, ${guide === '' ? 'without a guide' : `guide ${shown(guide)}`}`
}

/** Refused candidates that a message names: the page of the document shows more. */
const candidatesNamed = 5

function looked({ candidates }: Unresolved): string {
  const refused = nearestFirst(candidates).filter((candidate) => candidate.refused !== null)
  if (refused.length === 0) return '; there is no candidate'
  const more = refused.length > candidatesNamed ? `; and ${refused.length - candidatesNamed} more` : ''
  return `. Not taken: ${refused.slice(0, candidatesNamed).map(reasonOf).join('; ')}${more}`
}

function reasonOf({ key, refused }: Candidate): string {
  return `${key.slice(0, 80)}: ${refused === null ? '' : reasonText(refused, 'en').slice(0, 160)}`
}

function named(identity: WireIdentity | null): string {
  if (identity === null) return 'nobody named'
  const internal = identity.internal === undefined ? '' : `, internal address ${shown(identity.internal)}`
  return `${shown(identity.scheme)} ${shown(identity.value)}${internal}`
}

/** What a partner wrote, cut and in visible characters. */
function shown(text: string): string {
  const visible = text.replace(/\p{C}/gu, '\ufffd')
  return visible.length > 60 ? `${visible.slice(0, 60)}…` : visible
}

/** Elements of UNB: S002, S003 and 0035. */
const headerElements: Readonly<Record<About, number>> = { sender: 2, receiver: 3, env: 11 }

/** Where content names its parties, by type. */
const partyPaths: Readonly<Record<string, Partial<Record<FormatName, Partial<Record<About, string>>>>>> = {
  order: {
    xml: {
      sender: '/Order/cac:BuyerCustomerParty/cac:Party',
      receiver: '/Order/cac:SellerSupplierParty/cac:Party',
    },
    json: { sender: 'buyerCustomerParty.party', receiver: 'sellerSupplierParty.party' },
  },
}

function pathOf(about: About, { format, type }: ResolveQuestion): string | undefined {
  return Object.hasOwn(partyPaths, type) ? partyPaths[type]![format]?.[about] : undefined
}

function placed(about: About, question: ResolveQuestion): string {
  if (question.format === 'edifact') return ` (UNB element ${headerElements[about]})`
  const path = pathOf(about, question)
  return path === undefined ? '' : ` (${path})`
}

function positionOf(about: About, question: ResolveQuestion, envelope: Source['envelope']): Position {
  if (question.format !== 'edifact') {
    const path = pathOf(about, question)
    return path === undefined ? {} : { path }
  }
  const position = { segment: 1, tag: 'UNB', element: headerElements[about] }
  return envelope === null
    ? position
    : { ...position, interchange: envelope.read.position, offset: headerOffset(envelope.read) }
}

/** UNB stands behind UNA, where there is one. */
function headerOffset({ header, offset }: NonNullable<Source['envelope']>['read']): number {
  const at = (header as { offset?: unknown } | null)?.offset
  return typeof at === 'number' ? at : offset
}
