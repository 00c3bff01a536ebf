import type { Codes } from './code.ts'

/** Split and resolve: finding the messages in a file and the agreement for each. */
export const splitCodes = {
  tooManyDocuments: {
    code: 'CD-2013',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file has more documents and interchanges than the hub takes in one; from this interchange on nothing was taken.',
      fix: 'Send them in several files, or ask the operator to raise the limit; the finding names it and its value.',
    },
    fr: {
      what: 'Le fichier a plus de documents et d’interchanges que la plateforme n’en prend en un ; à partir de cet interchange, rien n’a été pris.',
      fix: 'Envoyez-les en plusieurs fichiers ou demandez à l’opérateur de relever la limite ; le constat la nomme avec sa valeur.',
    },
  },
  processingCrashed: {
    code: 'CD-2014',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The hub ended unexpectedly each time it processed this file, and does not try it again.',
      fix: "The hub's operator reports the fault; the file is kept and can be processed again after the repair.",
    },
    fr: {
      what: 'La plateforme s’est interrompue chaque fois qu’elle traitait ce fichier, et ne le tente plus.',
      fix: 'L’opérateur signale l’erreur ; le fichier est conservé et pourra être retraité après correction.',
    },
  },
  formatUnknown: {
    code: 'CD-2001',
    retry: 'never',
    turn: 'sender',
    http: 422,
    en: {
      what: 'The content is in none of the formats the hub reads.',
      fix: 'Send EDIFACT, XML or JSON; check that the file is not compressed or encrypted.',
    },
    fr: {
      what: 'Le contenu n’est dans aucun des formats que la plateforme lit.',
      fix: 'Envoyez de l’EDIFACT, du XML ou du JSON ; vérifiez que le fichier n’est ni compressé ni chiffré.',
    },
  },
  readerFailed: {
    code: 'CD-2002',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The reader stopped with a fault of its own on this file.',
      fix: "The hub's operator reports the fault; the file is kept and can be processed again after the repair.",
    },
    fr: {
      what: 'Le lecteur s’est arrêté sur une erreur interne avec ce fichier.',
      fix: 'L’opérateur signale l’erreur ; le fichier est conservé et pourra être retraité après correction.',
    },
  },
  interchangeDuplicate: {
    code: 'CD-2003',
    retry: 'never',
    turn: 'sender',
    contrl: '26',
    en: {
      what: 'An interchange with this reference was received before from this sender.',
      fix: 'If it is meant as a new one, give it a new interchange reference.',
    },
    fr: {
      what: 'Un interchange de cette référence a déjà été reçu de cet expéditeur.',
      fix: 'S’il s’agit d’un nouvel interchange, donnez-lui une nouvelle référence.',
    },
  },
  senderUnknown: {
    code: 'CD-2004',
    retry: 'never',
    turn: 'sender',
    contrl: '23',
    en: {
      what: 'The sender named in the file does not belong to the partner that sent it.',
      fix: 'Use an identity registered for this channel, or ask the operator to add it.',
    },
    fr: {
      what: 'L’expéditeur nommé dans le fichier n’appartient pas au partenaire qui l’a envoyé.',
      fix: 'Utilisez un identifiant enregistré pour ce canal, ou demandez son ajout à l’opérateur.',
    },
  },
  receiverUnknown: {
    code: 'CD-2005',
    retry: 'never',
    turn: 'sender',
    contrl: '7',
    en: {
      what: "No partner has the receiver's identity named in the file.",
      fix: "Check the receiver's identifier and its qualifier.",
    },
    fr: {
      what: 'Aucun partenaire ne porte l’identifiant du destinataire nommé dans le fichier.',
      fix: 'Vérifiez l’identifiant du destinataire et son qualifiant.',
    },
  },
  profileMissing: {
    code: 'CD-2006',
    retry: 'never',
    turn: 'hub',
    contrl: '17',
    en: {
      what: 'The sender has no live profile for this type of document.',
      fix: 'The operator adds a profile for this document type; then the sender sends the document again, or the operator submits its file with "crossdock send".',
    },
    fr: {
      what: 'L’expéditeur n’a pas de profil actif pour ce type de document.',
      fix: 'L’opérateur ajoute un profil pour ce type ; puis l’expéditeur renvoie le document, ou l’opérateur soumet son fichier avec « crossdock send ».',
    },
  },
  agreementMissing: {
    code: 'CD-2007',
    retry: 'never',
    turn: 'hub',
    contrl: '17',
    en: {
      what: "No agreement joins the sender's profile to a receiver for this type of document.",
      fix: 'The operator makes the agreement ("crossdock unrouted" suggests it). What is on hold goes on with "crossdock route"; what was rejected the sender sends again, or the operator submits its file with "crossdock send".',
    },
    fr: {
      what: 'Aucun accord ne relie le profil de l’expéditeur à un destinataire pour ce type de document.',
      fix: 'L’opérateur crée l’accord (« crossdock unrouted » le propose). Ce qui est en attente repart avec « crossdock route » ; ce qui a été rejeté, l’expéditeur le renvoie, ou l’opérateur soumet son fichier avec « crossdock send ».',
    },
  },
  environmentMismatch: {
    code: 'CD-2008',
    retry: 'never',
    turn: 'sender',
    contrl: '14',
    en: {
      what: 'Test and live disagree between the channel, the file and the agreement.',
      fix: 'Set the test indicator of the file as the channel is: test on a test channel, none on a live one.',
    },
    fr: {
      what: 'Test et production ne concordent pas entre le canal, le fichier et l’accord.',
      fix: 'Accordez l’indicateur de test du fichier avec le canal : test sur un canal de test, aucun en production.',
    },
  },
  interchangeRejected: {
    code: 'CD-2009',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The envelope of the file is faulty, so nothing in it was taken.',
      fix: 'Mend the envelope as the findings say, and send the file again.',
    },
    fr: {
      what: 'L’enveloppe du fichier est fautive : rien n’en a été retenu.',
      fix: 'Corrigez l’enveloppe selon les constats, puis renvoyez le fichier.',
    },
  },
  interchangeOpen: {
    code: 'CD-2010',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'The file ends before its closing segment.',
      fix: 'Send the whole file again; nothing of it was delivered.',
    },
    fr: {
      what: 'Le fichier se termine avant son segment de clôture.',
      fix: 'Renvoyez le fichier entier ; rien n’en a été livré.',
    },
  },
  noDocument: {
    code: 'CD-2011',
    retry: 'never',
    turn: 'sender',
    contrl: '32',
    en: {
      what: 'The file holds no document.',
      fix: 'Send at least one message inside the envelope.',
    },
    fr: {
      what: 'Le fichier ne contient aucun document.',
      fix: 'Envoyez au moins un message dans l’enveloppe.',
    },
  },
  interchangeReferenceReused: {
    code: 'CD-2012',
    retry: 'never',
    turn: 'sender',
    contrl: '26',
    en: {
      what: 'An interchange with this reference was received before with other content; nothing of this one was taken.',
      fix: 'Send it again under a new interchange reference.',
    },
    fr: {
      what: 'Un interchange de cette référence a déjà été reçu avec un autre contenu ; rien de celui-ci n’a été retenu.',
      fix: 'Renvoyez-le sous une nouvelle référence d’interchange.',
    },
  },
  opaqueTooLarge: {
    code: 'CD-2100',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file is to be passed through unread, and is larger than such files may be (opaqueBytes); nothing of it went out.',
      fix: 'Send it in smaller parts, or compressed; the operator may also raise the limit opaqueBytes.',
    },
    fr: {
      what: 'Le fichier doit être transmis tel quel et dépasse la taille permise pour de tels fichiers (opaqueBytes) ; rien n’en est parti.',
      fix: 'Envoyez-le en plusieurs parties, ou compressé ; l’opérateur peut aussi relever la limite opaqueBytes.',
    },
  },
  noConditionHolds: {
    code: 'CD-2080',
    retry: 'never',
    turn: 'hub',
    contrl: '17',
    en: {
      what: 'Every agreement that could take this document has conditions, and the document meets none of them.',
      fix: 'The operator sees beside the document which condition failed and what stands there, and adds an agreement or changes a condition; a document that is held then goes on by one action, a rejected one is sent again.',
    },
    fr: {
      what: 'Tous les accords qui pourraient prendre ce document ont des conditions, et le document n’en remplit aucune.',
      fix: 'L’opérateur voit à côté du document la condition manquée et la valeur trouvée, et ajoute un accord ou change une condition ; un document en attente repart alors par une seule action, un document rejeté est renvoyé.',
    },
  },
} as const satisfies Codes
