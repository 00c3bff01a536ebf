/** What pages say of repeats and holds, in English. */
export const enHolds = {
  'entry.repeat': '{said}; {by} as {of}',
  'entry.acknowledgement.again': 'Acknowledgement of the first one sent once more',
  'detector.messageId': 'the same message identity',
  'detector.reference': 'the same interchange reference',
  'detector.payloadHash': 'the same bytes',
  'detector.businessKey': 'the same number, function and date',
} as const

/** The same in French. */
export const frHolds = {
  'entry.repeat': '{said} ; {by} que {of}',
  'entry.acknowledgement.again': 'Accusé du premier envoyé une nouvelle fois',
  'detector.messageId': 'même identifiant de message',
  'detector.reference': 'même référence d’interchange',
  'detector.payloadHash': 'mêmes octets',
  'detector.businessKey': 'mêmes numéro, fonction et date',
} as const satisfies Record<keyof typeof enHolds, string>
