import type { Codes } from './code.ts'

/** Opening what came in an envelope (AS2, S/MIME, MDN): what a partner can get wrong, and what the MDN says of it. */
export const openCodes = {
  layersNotLegal: {
    code: 'CD-1040',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: unexpected-processing-error',
    en: {
      what: 'The layers of the message (signed, compressed, encrypted) lie in each other in an order that AS2 does not know.',
      fix: 'Sign, compress or encrypt each at most once, with the encryption outermost.',
    },
    fr: {
      what: 'Les couches du message (signature, compression, chiffrement) sont imbriquées dans un ordre qu’AS2 ne connaît pas.',
      fix: 'Signez, compressez et chiffrez chacun une fois au plus, le chiffrement étant la couche extérieure.',
    },
  },
  mimeUnreadable: {
    code: 'CD-1041',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: unexpected-processing-error',
    en: {
      what: 'The MIME structure of the message cannot be read.',
      fix: 'Look at the reason beside this code, and send the message again once its headers and boundaries are right.',
    },
    fr: {
      what: 'La structure MIME du message est illisible.',
      fix: 'Consultez la raison indiquée avec ce code, puis renvoyez le message avec des en-têtes et des séparateurs corrects.',
    },
  },
  mimeTooLarge: {
    code: 'CD-1042',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: unexpected-processing-error',
    en: {
      what: 'The message has more MIME headers, parts or levels than the hub takes.',
      fix: 'Send fewer parts in one message; the limit is named beside this code.',
    },
    fr: {
      what: 'Le message compte plus d’en-têtes, de parties ou de niveaux MIME que la plateforme n’en accepte.',
      fix: 'Envoyez moins de parties par message ; la limite est nommée avec ce code.',
    },
  },
  cmsUnreadable: {
    code: 'CD-1043',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: unexpected-processing-error',
    en: {
      what: 'What should be a signed, compressed or encrypted message (CMS) cannot be read as one.',
      fix: 'Check that the message was sent whole and in the encoding that its headers name.',
    },
    fr: {
      what: 'Ce qui devrait être un message signé, compressé ou chiffré (CMS) est illisible.',
      fix: 'Vérifiez que le message a été envoyé en entier et dans l’encodage annoncé par ses en-têtes.',
    },
  },
  cmsTooLarge: {
    code: 'CD-1044',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: unexpected-processing-error',
    en: {
      what: 'The structure of the signed or encrypted message (CMS) is larger or deeper than the hub takes.',
      fix: 'Send it with fewer recipients, signers and certificates; the limit is named beside this code.',
    },
    fr: {
      what: 'La structure du message signé ou chiffré (CMS) est plus grande ou plus profonde que la plateforme n’en accepte.',
      fix: 'Envoyez-le avec moins de destinataires, de signataires et de certificats ; la limite est nommée avec ce code.',
    },
  },
  decryptionFailed: {
    code: 'CD-1045',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: decryption-failed',
    en: {
      what: 'The message could not be decrypted.',
      fix: "Encrypt it for the hub's current certificate, and send it again.",
    },
    fr: {
      what: 'Le message n’a pas pu être déchiffré.',
      fix: 'Chiffrez-le avec le certificat actuel de la plateforme, puis renvoyez-le.',
    },
  },
  signerUnknown: {
    code: 'CD-1046',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: authentication-failed',
    en: {
      what: 'The message is signed with a certificate that is not one of those agreed with this partner.',
      fix: "Sign it with an agreed certificate, or send the new certificate to the hub's operator first.",
    },
    fr: {
      what: 'Le message est signé avec un certificat qui n’est pas convenu avec ce partenaire.',
      fix: 'Signez-le avec un certificat convenu, ou transmettez d’abord le nouveau certificat à l’opérateur.',
    },
  },
  signatureInvalid: {
    code: 'CD-1047',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: authentication-failed',
    en: {
      what: 'The signature was not made with the key of the certificate that it names.',
      fix: 'Check which key the sending system signs with, and send the message again.',
    },
    fr: {
      what: 'La signature n’a pas été faite avec la clé du certificat qu’elle désigne.',
      fix: 'Vérifiez la clé de signature du système émetteur, puis renvoyez le message.',
    },
  },
  contentTampered: {
    code: 'CD-1048',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: integrity-check-failed',
    en: {
      what: 'The content of the message is not what was signed.',
      fix: 'Find what changes the message between signing and sending (line ends, a proxy), and send it again.',
    },
    fr: {
      what: 'Le contenu du message n’est pas celui qui a été signé.',
      fix: 'Cherchez ce qui modifie le message entre la signature et l’envoi (fins de ligne, mandataire), puis renvoyez-le.',
    },
  },
  signatureUnfit: {
    code: 'CD-1049',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: authentication-failed',
    en: {
      what: 'The signature lacks what it must say, or contradicts itself.',
      fix: 'Look at the reason beside this code; the sending system has to sign with content type and digest, each once.',
    },
    fr: {
      what: 'La signature omet ce qu’elle doit contenir, ou se contredit.',
      fix: 'Consultez la raison indiquée avec ce code ; le système émetteur doit signer le type de contenu et l’empreinte, une fois chacun.',
    },
  },
  decompressionFailed: {
    code: 'CD-1050',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: decompression-failed',
    en: {
      what: 'The message could not be decompressed, or becomes far too large.',
      fix: 'Send it again; if it is right, send it without compression.',
    },
    fr: {
      what: 'Le message n’a pas pu être décompressé, ou devient beaucoup trop volumineux.',
      fix: 'Renvoyez-le ; s’il est correct, envoyez-le sans compression.',
    },
  },
  algorithmRefused: {
    code: 'CD-1051',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: insufficient-message-security',
    en: {
      what: 'The message uses an algorithm or key that is too weak.',
      fix: "Use SHA-256, AES and RSA with 2048 bits or more; SHA-1 and 3DES can be allowed for a time by the hub's operator.",
    },
    fr: {
      what: 'Le message emploie un algorithme ou une clé trop faible.',
      fix: 'Utilisez SHA-256, AES et RSA à 2048 bits au moins ; SHA-1 et 3DES peuvent être admis pour un temps par l’opérateur.',
    },
  },
  algorithmUnknown: {
    code: 'CD-1052',
    retry: 'never',
    turn: 'sender',
    mdn: 'failed/failure: unsupported format',
    en: {
      what: 'The message uses an algorithm that the hub does not know.',
      fix: 'Use one of those agreed; the algorithm is named beside this code.',
    },
    fr: {
      what: 'Le message emploie un algorithme que la plateforme ne connaît pas.',
      fix: 'Utilisez un algorithme convenu ; celui du message est nommé avec ce code.',
    },
  },
  notSigned: {
    code: 'CD-1053',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: insufficient-message-security',
    en: {
      what: 'The message is not signed, and the agreement requires it.',
      fix: 'Sign the message with the agreed certificate, and send it again.',
    },
    fr: {
      what: 'Le message n’est pas signé, alors que l’accord l’exige.',
      fix: 'Signez le message avec le certificat convenu, puis renvoyez-le.',
    },
  },
  notEncrypted: {
    code: 'CD-1054',
    retry: 'never',
    turn: 'sender',
    mdn: 'processed/error: insufficient-message-security',
    en: {
      what: 'The message is not encrypted, and the agreement requires it.',
      fix: "Encrypt the message for the hub's certificate, and send it again.",
    },
    fr: {
      what: 'Le message n’est pas chiffré, alors que l’accord l’exige.',
      fix: 'Chiffrez le message avec le certificat de la plateforme, puis renvoyez-le.',
    },
  },
  micAlgorithmUnsupported: {
    code: 'CD-1055',
    retry: 'never',
    turn: 'sender',
    mdn: 'failed/failure: unsupported MIC-algorithms',
    en: {
      what: 'The message requires a receipt with a digest that the hub does not compute.',
      fix: 'Ask for sha-256, sha-384 or sha-512 in Disposition-Notification-Options.',
    },
    fr: {
      what: 'Le message exige un accusé avec une empreinte que la plateforme ne calcule pas.',
      fix: 'Demandez sha-256, sha-384 ou sha-512 dans Disposition-Notification-Options.',
    },
  },
  receiptFormatUnsupported: {
    code: 'CD-1056',
    retry: 'never',
    turn: 'sender',
    mdn: 'failed/failure: unsupported format',
    en: {
      what: 'The message requires a receipt in a form that the hub does not write.',
      fix: 'Ask for signed-receipt-protocol pkcs7-signature.',
    },
    fr: {
      what: 'Le message exige un accusé sous une forme que la plateforme n’écrit pas.',
      fix: 'Demandez signed-receipt-protocol pkcs7-signature.',
    },
  },
  receiptUnreadable: {
    code: 'CD-1057',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "The partner's receipt (MDN) cannot be read.",
      fix: 'Look at the reason beside this code, and ask the partner whether the message arrived.',
    },
    fr: {
      what: 'L’accusé (MDN) du partenaire est illisible.',
      fix: 'Consultez la raison indiquée avec ce code, et demandez au partenaire si le message est arrivé.',
    },
  },
} as const satisfies Codes
