import type { Codes } from './code.ts'

/** Deliver: one attempt to hand bytes to a partner's system. */
export const deliverCodes = {
  connectFailed: {
    code: 'CD-6001',
    retry: 'retry',
    turn: 'receiver',
    en: {
      what: "The partner's system could not be reached.",
      fix: 'The hub tries again by itself; the partner checks address, firewall and service.',
    },
    fr: {
      what: 'Le système du partenaire est injoignable.',
      fix: 'La plateforme réessaie d’elle-même ; le partenaire vérifie adresse, pare-feu et service.',
    },
  },
  answerLost: {
    code: 'CD-6002',
    retry: 'unknown',
    turn: 'hub',
    en: {
      what: "The connection ended before the partner's system answered; it may have taken the document.",
      fix: 'Ask the partner whether it arrived, then mark it delivered or send it again.',
    },
    fr: {
      what: 'La connexion s’est interrompue avant la réponse ; le document a peut-être été pris.',
      fix: 'Demandez au partenaire s’il l’a reçu, puis marquez-le livré ou renvoyez-le.',
    },
  },
  refusedByPeer: {
    code: 'CD-6003',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "The partner's system refused the document.",
      fix: 'Its answer stands with the attempt; the partner mends the cause, then the delivery is sent again.',
    },
    fr: {
      what: 'Le système du partenaire a refusé le document.',
      fix: 'Sa réponse figure avec la tentative ; le partenaire corrige la cause, puis la livraison est relancée.',
    },
  },
  peerBusy: {
    code: 'CD-6004',
    retry: 'retry',
    turn: 'receiver',
    en: {
      what: "The partner's system asked to try later.",
      fix: 'The hub tries again by itself at the time it was told.',
    },
    fr: {
      what: 'Le système du partenaire demande de réessayer plus tard.',
      fix: 'La plateforme réessaie d’elle-même à l’heure indiquée.',
    },
  },
  peerNotAuthenticated: {
    code: 'CD-6005',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "The partner's system did not accept our credentials.",
      fix: 'The operator and the partner agree on new credentials; then the delivery is released.',
    },
    fr: {
      what: 'Le système du partenaire n’a pas accepté nos identifiants.',
      fix: 'L’opérateur et le partenaire conviennent de nouveaux identifiants ; puis la livraison est libérée.',
    },
  },
  hostKeyChanged: {
    code: 'CD-6006',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "The partner's server showed a host key that is not the agreed one; no credentials were sent.",
      fix: 'Confirm the new key with the partner by telephone, then register it.',
    },
    fr: {
      what: 'Le serveur du partenaire présente une clé d’hôte différente ; aucun identifiant n’a été envoyé.',
      fix: 'Confirmez la nouvelle clé par téléphone avec le partenaire, puis enregistrez-la.',
    },
  },
  addressRefused: {
    code: 'CD-6007',
    retry: 'never',
    turn: 'hub',
    en: {
      what: "The channel's address is one the hub does not connect to.",
      fix: 'Private and local addresses must be allowed by the operator for this channel.',
    },
    fr: {
      what: 'L’adresse du canal est de celles auxquelles la plateforme ne se connecte pas.',
      fix: 'Les adresses privées ou locales doivent être autorisées par l’opérateur pour ce canal.',
    },
  },
  attemptsExhausted: {
    code: 'CD-6008',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'Every attempt failed, so the delivery is on hold.',
      fix: 'Mend the cause the last attempt names, then release the delivery.',
    },
    fr: {
      what: 'Toutes les tentatives ont échoué : la livraison est en attente.',
      fix: 'Corrigez la cause nommée par la dernière tentative, puis libérez la livraison.',
    },
  },
  attemptInterrupted: {
    code: 'CD-6009',
    retry: 'unknown',
    turn: 'hub',
    en: {
      what: 'The hub stopped in the middle of an attempt; the partner may have the document.',
      fix: 'Where the partner drops repeats it is sent again by itself; otherwise a person decides.',
    },
    fr: {
      what: 'La plateforme s’est arrêtée pendant une tentative ; le partenaire a peut-être le document.',
      fix: 'Si le partenaire écarte les doublons, l’envoi reprend seul ; sinon une personne décide.',
    },
  },
  attemptFailed: {
    code: 'CD-6010',
    retry: 'unknown',
    turn: 'hub',
    en: {
      what: "The attempt stopped with a fault of the hub's own.",
      fix: 'The operator reports the fault; the delivery is held.',
    },
    fr: {
      what: 'La tentative s’est arrêtée sur une erreur interne.',
      fix: 'L’opérateur signale l’erreur ; la livraison est en attente.',
    },
  },
  notCollected: {
    code: 'CD-6011',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: 'The document lies in the mailbox and was not collected in time.',
      fix: 'The partner collects it; it stays where it is.',
    },
    fr: {
      what: 'Le document est dans la boîte et n’a pas été retiré à temps.',
      fix: 'Le partenaire le retire ; il reste en place.',
    },
  },
  channelUnusable: {
    code: 'CD-6012',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The channel of this delivery is gone, or is of a kind that this hub does not run.',
      fix: 'Set the channel up again, then release the delivery.',
    },
    fr: {
      what: 'Le canal de cette livraison n’existe plus, ou il est d’un type que cette plateforme ne gère pas.',
      fix: 'Configurez de nouveau le canal, puis libérez la livraison.',
    },
  },
  nameTakenAtPeer: {
    code: 'CD-6021',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "Another file lies on the partner's server under the name of this delivery.",
      fix: 'The partner looks at that file and moves it away; then the delivery is released.',
    },
    fr: {
      what: 'Un autre fichier porte déjà le nom de cette livraison sur le serveur du partenaire.',
      fix: 'Le partenaire examine ce fichier et le déplace ; puis la livraison est libérée.',
    },
  },
  transferBroken: {
    code: 'CD-6022',
    retry: 'retry',
    turn: 'receiver',
    en: {
      what: "The transfer to the partner's server broke off before the file had its final name.",
      fix: 'The hub tries again by itself; if it goes on, the partner checks disk space, quotas and time-outs.',
    },
    fr: {
      what: 'Le transfert vers le serveur du partenaire s’est interrompu avant que le fichier ait son nom définitif.',
      fix: 'La plateforme réessaie d’elle-même ; si cela persiste, le partenaire vérifie espace, quotas et délais.',
    },
  },
  peerFailed: {
    code: 'CD-6023',
    retry: 'retry',
    turn: 'receiver',
    en: {
      what: "The partner's system answered with a fault of its own.",
      fix: 'The hub tries again by itself; the answer stands with the attempt.',
    },
    fr: {
      what: 'Le système du partenaire a répondu par une erreur interne.',
      fix: 'La plateforme réessaie d’elle-même ; la réponse figure avec la tentative.',
    },
  },
  deliveryLate: {
    code: 'CD-6050',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'A delivery is past the time that its agreement promises.',
      fix: 'See on the page of the document what keeps it: attempts, a hold, or an ordered flow.',
    },
    fr: {
      what: 'Une livraison dépasse le délai promis par son accord.',
      fix: 'La page du document montre ce qui la retient : essais, mise en attente ou flux ordonné.',
    },
  },
} as const satisfies Codes
