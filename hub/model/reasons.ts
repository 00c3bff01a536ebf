/**
 * Why a profile, an agreement or an identity was not taken for a document: a row each, with its text in English and French. Places in braces
 * are filled in from the reason. Rows are only added: documents keep the reasons they were given.
 */
export const reasons = {
  environmentOther: {
    en: 'it is for {is}, the channel is {asked}',
    fr: 'il est destiné à {is}, le canal à {asked}',
  },
  formatOther: {
    en: 'it is for {is}, not {asked}',
    fr: 'il est destiné au format {is}, pas {asked}',
  },
  guideOther: {
    en: 'it is for guide {is}, not {asked}',
    fr: 'il est destiné au guide {is}, pas {asked}',
  },
  guideBetter: {
    en: 'the one for guide {guide} fits better',
    fr: 'celui du guide {guide} convient mieux',
  },
  stateOther: {
    en: 'it is {state}',
    fr: 'son état est {state}',
  },
  senderFormatOther: {
    en: "it is for the sender's {is}",
    fr: 'il porte sur le format {is} de l’expéditeur',
  },
  senderGuideOther: {
    en: "it is for the sender's guide {is}",
    fr: 'il porte sur le guide {is} de l’expéditeur',
  },
  datesOutside: {
    en: 'its dates do not include this day',
    fr: 'ses dates n’incluent pas ce jour',
  },
  receiverOther: {
    en: 'it is with another receiver',
    fr: 'il est conclu avec un autre destinataire',
  },
  receiverNotNamed: {
    en: 'it is for any receiver, and the document names none',
    fr: 'il vaut pour tout destinataire, et le document n’en nomme aucun',
  },
  receiverProfileNotLive: {
    en: "the receiver's profile is not live",
    fr: 'le profil du destinataire n’est pas actif',
  },
  receiverProfileMissing: {
    en: 'the receiver has no live profile for this type',
    fr: 'le destinataire n’a pas de profil actif pour ce type',
  },
  receiverProfilesSeveral: {
    en: 'the receiver has several profiles for this type, and only an agreement with this very receiver can say which',
    fr: 'le destinataire a plusieurs profils pour ce type, et seul un accord conclu avec lui peut dire lequel',
  },
  channelMissing: {
    en: "the receiver's channel {channel} does not exist",
    fr: 'le canal {channel} du destinataire n’existe pas',
  },
  channelOther: {
    en: "the receiver's channel {channel} is for {is}",
    fr: 'le canal {channel} du destinataire est destiné à {is}',
  },
  particularFirst: {
    en: 'an agreement with this very receiver goes before it',
    fr: 'un accord conclu avec ce destinataire passe avant lui',
  },
  conditionFailed: {
    en: 'its condition does not hold: {text}',
    fr: 'sa condition n’est pas remplie : {text}',
  },
  conditionUnread: {
    en: 'its condition cannot be read: {text}',
    fr: 'sa condition est illisible : {text}',
  },
  copyAlone: {
    en: 'it takes copies, and nothing else takes the document',
    fr: 'il prend des copies, et rien d’autre ne prend le document',
  },
  mayNotSpeak: {
    en: 'it belongs to {partner}, which may not speak on this channel',
    fr: 'il appartient à {partner}, qui n’a pas la parole sur ce canal',
  },
  identityElsewhere: {
    en: 'it is registered for {is} only, the channel is {asked}',
    fr: 'il n’est enregistré que pour {is}, le canal est destiné à {asked}',
  },
  identityDated: {
    en: 'it belongs to {partner} at other times only',
    fr: 'il n’appartient à {partner} qu’à d’autres dates',
  },
  otherType: {
    en: 'it is for another format or type',
    fr: 'il est destiné à un autre format ou type',
  },
  /** What a document kept before reasons had rows. */
  said: {
    en: '{text}',
    fr: '{text}',
  },
} as const satisfies Readonly<Record<string, { en: string; fr: string }>>

export type ReasonName = keyof typeof reasons

/** A reason with what fills its places, e.g. `{ reason: 'formatOther', is: 'json', asked: 'edifact' }`. */
export type Reason = { readonly reason: ReasonName } & { readonly [place: string]: string }

/** The reason as a sentence without its full stop. One that this version does not know is shown by its name. */
export function reasonText(reason: Reason, language: 'en' | 'fr'): string {
  const row = Object.hasOwn(reasons, reason.reason) ? reasons[reason.reason] : null
  if (row === null) return reason.reason
  const of = (place: string): string => {
    const value = reason[place] ?? ''
    const known = place === 'state' ? stateWords : otherWords
    return known[language][value] ?? value
  }
  return row[language].replace(/\{(\w+)\}/g, (_, place: string) => of(place))
}

type WordsByLanguage = Readonly<Record<'en' | 'fr', Readonly<Record<string, string>>>>

const stateWords: WordsByLanguage = {
  en: { test: 'in test', draft: 'a draft' },
  fr: { live: 'actif', test: 'en test', draft: 'brouillon', retired: 'retiré' },
}

/** Environments and what is not there. */
const otherWords: WordsByLanguage = {
  en: { '': 'none' },
  fr: { '': 'aucun', live: 'la production', test: 'les tests' },
}

/** A reason as a document keeps it, cut: what partners wrote may be long. */
export function keptReason(reason: Reason): Reason {
  const cut = Object.entries(reason).map(([place, value]) => [place, value.slice(0, 200)])
  return Object.fromEntries(cut) as Reason
}

/** A reason as it stands in a document's row; older rows hold the English sentence. */
export function reasonOf(kept: unknown): Reason | null {
  if (kept === null || kept === undefined) return null
  if (typeof kept === 'string') return { reason: 'said', text: kept }
  return kept as Reason
}

/** With those last that could not have been meant, where many were looked at: a page shows the first of them. */
export function nearestFirst<Looked extends { refused: Reason | null }>(
  candidates: readonly Looked[],
): Looked[] {
  const far = ({ refused }: Looked) =>
    refused !== null && (refused.reason === 'receiverOther' || refused.reason === 'environmentOther')
  return [...candidates.filter((one) => !far(one)), ...candidates.filter(far)]
}
