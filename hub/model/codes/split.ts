import type { Codes } from './code.ts'

/** Split and resolve: finding the messages in a file and the agreement for each. */
export const splitCodes = {
  tooManyDocuments: {
    code: 'CD-2013',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file has more documents and interchanges than the hub takes in one; from this interchange on nothing was taken.',
      fix: 'Send them in several files; the finding names the limit and its value.',
    },
    fr: {
      what: 'Le fichier a plus de documents et d’interchanges que la plateforme n’en prend en un ; à partir de cet interchange, rien n’a été pris.',
      fix: 'Envoyez-les en plusieurs fichiers ; le constat nomme la limite et sa valeur.',
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
      fix: 'The operator makes the agreement; then the sender sends the document again, or the operator submits its file with "crossdock send".',
    },
    fr: {
      what: 'Aucun accord ne relie le profil de l’expéditeur à un destinataire pour ce type de document.',
      fix: 'L’opérateur crée l’accord ; puis l’expéditeur renvoie le document, ou l’opérateur soumet son fichier avec « crossdock send ».',
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
  outsideEnvelope: {
    code: 'CD-2020',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file has content outside any envelope.',
      fix: 'Remove what stands before UNA or UNB and behind UNZ; check that the file was not joined or cut.',
    },
    fr: {
      what: 'Le fichier contient des données hors de toute enveloppe.',
      fix: 'Supprimez ce qui précède UNA ou UNB et suit UNZ ; vérifiez que le fichier n’a été ni assemblé ni coupé.',
    },
  },
  interchangeHeaderMissing: {
    code: 'CD-2021',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file holds messages without an interchange header.',
      fix: 'Put the messages between UNB and UNZ.',
    },
    fr: {
      what: 'Le fichier contient des messages sans en-tête d’interchange.',
      fix: 'Placez les messages entre UNB et UNZ.',
    },
  },
  interchangeHeaderFaulty: {
    code: 'CD-2022',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'The interchange header lacks something it must have.',
      fix: 'Give UNB its syntax, sender, receiver, date and reference.',
    },
    fr: {
      what: 'Il manque à l’en-tête d’interchange un élément obligatoire.',
      fix: 'Indiquez dans UNB la syntaxe, l’expéditeur, le destinataire, la date et la référence.',
    },
  },
  syntaxUnsupported: {
    code: 'CD-2023',
    retry: 'never',
    turn: 'sender',
    contrl: '2',
    en: {
      what: 'The syntax or its version is none that the hub reads.',
      fix: 'Use UNOA to UNOY in version 1 to 4.',
    },
    fr: {
      what: 'La syntaxe ou sa version n’est pas lue par la plateforme.',
      fix: 'Utilisez UNOA à UNOY, version 1 à 4.',
    },
  },
  charsetUnsupported: {
    code: 'CD-2024',
    retry: 'never',
    turn: 'sender',
    contrl: '46',
    en: {
      what: 'The character set named in the envelope is none that the hub knows.',
      fix: 'Name one of UNOA to UNOY, or ask the operator to set the charset in the profile.',
    },
    fr: {
      what: 'Le jeu de caractères nommé dans l’enveloppe est inconnu de la plateforme.',
      fix: 'Indiquez l’un de UNOA à UNOY, ou demandez à l’opérateur de fixer le jeu dans le profil.',
    },
  },
  serviceCharacterInvalid: {
    code: 'CD-2025',
    retry: 'never',
    turn: 'sender',
    contrl: '22',
    en: {
      what: 'The separators announced in UNA cannot be used.',
      fix: "Announce separators that all differ and are neither letters, digits nor blanks; UNA:+.? ' is the usual set.",
    },
    fr: {
      what: 'Les séparateurs annoncés dans UNA sont inutilisables.',
      fix: "Annoncez des séparateurs tous différents, ni lettres, ni chiffres, ni espaces ; UNA:+.? ' est le choix usuel.",
    },
  },
  interchangeReferenceMismatch: {
    code: 'CD-2026',
    retry: 'never',
    turn: 'sender',
    contrl: '28',
    en: {
      what: 'The reference in UNZ is not that of UNB.',
      fix: 'Write the same reference in UNB and UNZ; check that the file was not joined from two.',
    },
    fr: {
      what: 'La référence de UNZ n’est pas celle de UNB.',
      fix: 'Écrivez la même référence dans UNB et UNZ ; vérifiez que le fichier ne réunit pas deux interchanges.',
    },
  },
  interchangeCountMismatch: {
    code: 'CD-2027',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'The count in UNZ is not the number of messages or groups in the interchange.',
      fix: 'Correct the count, or send the missing messages; nothing was taken.',
    },
    fr: {
      what: 'Le nombre indiqué dans UNZ n’est pas celui des messages ou groupes de l’interchange.',
      fix: 'Corrigez le nombre ou envoyez les messages manquants ; rien n’a été retenu.',
    },
  },
  groupReferenceMismatch: {
    code: 'CD-2028',
    retry: 'never',
    turn: 'sender',
    contrl: '28',
    en: {
      what: 'The reference in UNE is not that of UNG.',
      fix: 'Write the same reference in UNG and UNE.',
    },
    fr: {
      what: 'La référence de UNE n’est pas celle de UNG.',
      fix: 'Écrivez la même référence dans UNG et UNE.',
    },
  },
  groupCountMismatch: {
    code: 'CD-2029',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'The count in UNE is not the number of messages in the group.',
      fix: 'Correct the count, or send the missing messages; nothing was taken.',
    },
    fr: {
      what: 'Le nombre indiqué dans UNE n’est pas celui des messages du groupe.',
      fix: 'Corrigez le nombre ou envoyez les messages manquants ; rien n’a été retenu.',
    },
  },
  groupOpen: {
    code: 'CD-2030',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'A group ends without its UNE, or a UNE has no group.',
      fix: 'Pair every UNG with a UNE.',
    },
    fr: {
      what: 'Un groupe se termine sans UNE, ou un UNE n’a pas de groupe.',
      fix: 'Associez chaque UNG à un UNE.',
    },
  },
  groupsMixed: {
    code: 'CD-2031',
    retry: 'never',
    turn: 'sender',
    contrl: '30',
    en: {
      what: 'The interchange has messages both in groups and outside.',
      fix: 'Put all messages into groups, or none.',
    },
    fr: {
      what: 'L’interchange contient des messages dans des groupes et hors groupe.',
      fix: 'Placez tous les messages dans des groupes, ou aucun.',
    },
  },
  envelopeEmpty: {
    code: 'CD-2032',
    retry: 'never',
    turn: 'sender',
    contrl: '32',
    en: {
      what: 'A group or an interchange holds no message.',
      fix: 'Send at least one message in it, or leave it out.',
    },
    fr: {
      what: 'Un groupe ou un interchange ne contient aucun message.',
      fix: 'Envoyez-y au moins un message, ou supprimez-le.',
    },
  },
  betweenMessages: {
    code: 'CD-2033',
    retry: 'never',
    turn: 'sender',
    contrl: '15',
    en: {
      what: 'A segment stands between messages where none is allowed.',
      fix: 'Begin every message with UNH and end it with UNT; check that the UNT is not too early.',
    },
    fr: {
      what: 'Un segment se trouve entre des messages, où aucun n’est permis.',
      fix: 'Commencez chaque message par UNH et terminez-le par UNT ; vérifiez que UNT n’arrive pas trop tôt.',
    },
  },
  countNotNumeric: {
    code: 'CD-2034',
    retry: 'never',
    turn: 'sender',
    contrl: '37',
    en: {
      what: 'The count in a closing segment is not a number.',
      fix: 'Write the count in digits.',
    },
    fr: {
      what: 'Le nombre d’un segment de clôture n’est pas numérique.',
      fix: 'Écrivez le nombre en chiffres.',
    },
  },
  repetitionSeparatorNone: {
    code: 'CD-2035',
    retry: 'never',
    turn: 'nobody',
    en: {
      what: 'The envelope is of syntax 4 and announces a blank as repetition separator: nothing in it can repeat.',
      fix: 'Nothing, unless elements are meant to repeat; then announce a separator in the eighth character of UNA.',
    },
    fr: {
      what: 'L’enveloppe est en syntaxe 4 et annonce une espace comme séparateur de répétition : rien ne peut s’y répéter.',
      fix: 'Rien, sauf si des éléments doivent se répéter ; annoncez alors un séparateur au huitième caractère de UNA.',
    },
  },
} as const satisfies Codes
