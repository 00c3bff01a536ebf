/** What routing says, in English. */
export const enRouting = {
  'entry.document.parted': 'An output for one of the receivers went apart',
  'entry.document.parted.held': 'it is on hold as a document of its own; the others are not kept waiting',
  'entry.document.parted.rejected': 'it failed and is a document of its own; the others are not kept waiting',
  'entry.delivery.late': 'Later than agreed',
  'entry.delivery.late.detail': 'it was to be delivered by {at}',
  'entry.output.bundled': 'Waits for the bundle of {at}',
  'entry.output.bundled.detail':
    'it leaves with others as one interchange, at that time or when there are enough of them',
  'sentence.bundled': '{doc} waits for the bundle of {at}, with which it goes to {receiver}',
  'notice.title': 'What needs somebody',
  'notice.open': 'Open them',
  'notice.nobody': 'nobody',
  'notice.unroutable': '{type} for {named}: {n} so far, {held} on hold; since {since}',
  'notice.silence': '{type}, agreement {agreement}: none came; noticed {since}',
  'notice.late': '{type}, agreement {agreement}: later than agreed; since {since}',
} as const

/** The same in French. */
export const frRouting: Record<keyof typeof enRouting, string> = {
  'entry.document.parted': 'La sortie d’un des destinataires suit son propre chemin',
  'entry.document.parted.held': 'elle est en attente comme document à part ; les autres ne sont pas retenues',
  'entry.document.parted.rejected':
    'elle a échoué et forme un document à part ; les autres ne sont pas retenues',
  'entry.delivery.late': 'Plus tard que convenu',
  'entry.delivery.late.detail': 'elle devait être livrée au plus tard {at}',
  'entry.output.bundled': 'Attend le lot de {at}',
  'entry.output.bundled.detail':
    'il part avec d’autres en un seul interchange, à cette heure ou dès qu’ils sont assez nombreux',
  'sentence.bundled': '{doc} attend le lot de {at}, avec lequel il part vers {receiver}',
  'notice.title': 'Ce qui demande quelqu’un',
  'notice.open': 'Les ouvrir',
  'notice.nobody': 'personne',
  'notice.unroutable': '{type} pour {named} : {n} à ce jour, {held} en attente ; depuis {since}',
  'notice.silence': '{type}, accord {agreement} : rien n’est arrivé ; constaté {since}',
  'notice.late': '{type}, accord {agreement} : plus tard que convenu ; depuis {since}',
}
