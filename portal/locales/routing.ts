/** What routing says, in English. */
export const enRouting = {
  'entry.document.parted': 'An output for one of the receivers went apart',
  'entry.document.parted.held': 'it is on hold as a document of its own; the others are not kept waiting',
  'entry.document.parted.rejected': 'it failed and is a document of its own; the others are not kept waiting',
} as const

/** The same in French. */
export const frRouting: Record<keyof typeof enRouting, string> = {
  'entry.document.parted': 'La sortie d’un des destinataires suit son propre chemin',
  'entry.document.parted.held': 'elle est en attente comme document à part ; les autres ne sont pas retenues',
  'entry.document.parted.rejected':
    'elle a échoué et forme un document à part ; les autres ne sont pas retenues',
}
