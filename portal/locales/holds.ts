/** What pages say of repeats and holds, in English. */
export const enHolds = {
  'entry.repeat': '{said}; {by} as {of}',
  'entry.acknowledgement.again': 'Acknowledgement of the first one sent once more',
  'entry.document.released.behind': 'the document in front of it has gone on, or ended',
  'entry.document.released.today': '{reason} (by the configuration of that moment)',
  'detector.messageId': 'the same message identity',
  'detector.reference': 'the same interchange reference',
  'detector.payloadHash': 'the same bytes',
  'detector.businessKey': 'the same number, function and date',
} as const

/** The same in French. */
export const frHolds = {
  'entry.repeat': '{said} ; {by} que {of}',
  'entry.acknowledgement.again': 'Accusé du premier envoyé une nouvelle fois',
  'entry.document.released.behind': 'le document qui le précédait est reparti ou a pris fin',
  'entry.document.released.today': '{reason} (selon la configuration de ce moment)',
  'detector.messageId': 'même identifiant de message',
  'detector.reference': 'même référence d’interchange',
  'detector.payloadHash': 'mêmes octets',
  'detector.businessKey': 'mêmes numéro, fonction et date',
} as const satisfies Record<keyof typeof enHolds, string>
