import type { Agreements, Profile, ResolveQuestion } from '#hub/model/agreement.ts'
import type { FormatName } from '#hub/model/format.ts'
import { newId, type AgreementId, type PartnerId, type ProfileId } from '#hub/model/ids.ts'
import type { CanonicalType, Mappings } from '#hub/model/mapping.ts'

/** What a translation by names needs to know: the mappings, and where none is named for what comes in, how one is found. */
export interface NamedMappings {
  /** Null: the one of the library for the format and type of each message. */
  from: string | null
  to: string
}

/** Agreements that join every sender and receiver by the two mappings named: who they are is taken from the file. */
export function namedAgreements(names: NamedMappings, mappings: Mappings): Agreements {
  return {
    resolve: async (question) => {
      const from = names.from ?? mappingFor(mappings, question.format, question.type)
      const [senderPartnerId, receiverPartnerId] = [question.channel.partnerId, newId<PartnerId>()]
      if (from === null)
        return {
          kind: 'unresolved',
          code: 'profileMissing',
          senderPartnerId,
          receiverPartnerId: null,
          profile: null,
          candidates: mappings
            .names()
            .map((key) => ({ kind: 'profile', key, refused: { reason: 'otherType' } })),
        }
      const profile = profileOf('sends', { question, partnerId: senderPartnerId, mapping: from, mappings })
      const receiver = profileOf('receives', {
        question,
        partnerId: receiverPartnerId,
        mapping: names.to,
        mappings,
      })
      return {
        kind: 'resolved',
        senderPartnerId,
        senderIdentityId: null,
        receiverPartnerId,
        receiverIdentityId: null,
        env: profile.env,
        profile,
        agreements: [
          {
            id: newId<AgreementId>(),
            key: `${from} to ${names.to}`,
            version: 1,
            sender: profile,
            receiver,
            terms: {},
            wireSender: question.sender,
            wireReceiver: question.receiver,
            channel: question.channel,
          },
        ],
        candidates: [],
      }
    },
    answerWay: async () => null,
    channel: async () => null,
  }
}

/** Takes everybody for a partner, whatever type they send, to be answered with this version of an answer (null: as the file is written). */
export function anyAgreements({ version }: { version: string | null }, mappings: Mappings): Agreements {
  const [any = ''] = mappings.names()
  return {
    ...namedAgreements({ from: any, to: any }, mappings),
    resolve: async (question) => {
      const from = mappingFor(mappings, question.format, question.type) ?? any
      const resolution = await namedAgreements({ from, to: any }, mappings).resolve(question)
      if (resolution.kind !== 'resolved' || version === null) return resolution
      const { profile } = resolution
      const terms = { ...profile.terms, acknowledgements: { syntaxVersion: version } }
      return { ...resolution, profile: { ...profile, terms } }
    },
  }
}

/** The library's mapping for a format and a canonical type, or null where it has none. */
export function mappingFor(mappings: Mappings, format: FormatName, type: string): string | null {
  return (
    mappings.names().find((name) => name.startsWith(`${type}/`) && mappings.formatOf(name) === format) ?? null
  )
}

function profileOf(
  direction: Profile['direction'],
  of: { question: ResolveQuestion; partnerId: PartnerId; mapping: string; mappings: Mappings },
): Profile {
  const { question, partnerId, mapping, mappings } = of
  return {
    id: newId<ProfileId>(),
    partnerId,
    direction,
    env: question.env ?? question.channel.env,
    type: question.type as CanonicalType,
    guide: '*',
    version: 1,
    terms: { format: mappings.formatOf(mapping), mapping, channel: question.channel.key },
  }
}
