"""Words in many languages that show what a page wants of its visitor.

All are case-folded; a token is a run of letters and digits.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SIGN_IN = _words(
    """login log in sign signin sign-in logon on signon up signup register registration registrieren anmelden anmeldung einloggen
    accedi accesso accedere entra acceder acceso entrar entre iniciar inicia sesión sesion ingresar ingreso connexion connecter
    connectez identifiez inloggen aanmelden logga logg inn войти вход авторизация zaloguj logowanie giriş oturum masuk"""
)

SIGN_IN_BUTTONS = _words(
    """login signin sign-in log-in logon log sign anmelden einloggen accedi acceder entrar ingresar connexion connecter inloggen
    войти zaloguj giriş masuk continue next verify"""
)

GENERIC_TITLE = SIGN_IN | _words(
    """a an and at by for from of or the to with your you my our is it into now here new this page site website web www com net org
    html php index home homepage main start welcome official secure secured security safe account accounts id user users member
    members customer customers client area portal center centre support help service services verify verification verified
    validate confirm confirmation update upgrade recover recovery reset restore unlock password passcode pin code access
    authentication authenticate identity session online internet banking bank mobile app application mail email webmail inbox
    billing payment payments invoice order tracking delivery parcel wallet badge badges required please sign dashboard platform
    free us uk de es fr it pt ru desktop version v2 app auth sso id2 step two factor alert warning notice inc llc ltd corp
    willkommen konto konten kunde kunden sicherheit bestätigen bestätigung bei dein ihr ihre ihrem mein zu und der die das
    bienvenido bienvenida bienvenue benvenuto cuenta compte conta cliente clientes client seguro segura verificar verificación
    tu su il la le les el los en de del di da do dos votre mon mi sua riservata area privata banco banca banque particuliers
    particulares страница добро пожаловать аккаунт"""
)
"""Words that a title may have beside a brand's name and still be the brand's title."""

COMPANY_FORMS = _words(
    "corporation corp company co inc ltd limited llc plc gmbh ag sa bv nv group holdings bank technologies"
)

CREDENTIAL_PROMPT_AFTER = _words(
    """account accounts id password passcode username user login log-in credentials profile wallet email mail konto passwort
    benutzername cuenta contraseña compte conta senha аккаунт пароль 계정"""
)
"""``your PayPal account``: a word that follows a brand's name where its credentials are asked for."""

TO = _words("to into in at on your my bei zu ihr ihrem dein a al en su tu à au votre su ao na no na seu в на твой ваш")
"""Small words between a sign-in verb and a brand's name: ``sign in to PayPal``."""

PARTICLES = _words("in on up inn")
"""Halves of verbs of signing in, which mean nothing alone: the code ``on the front of your`` card."""

WITH = _words("with via using through by mit über con com avec par tramite per met via через с и z ile dengan")
"""``sign in with X`` means another site's sign-in, ``sign in to X`` its own."""

YOURS = _words(
    """your my our dein deinem deinen deiner ihr ihrem ihren ihrer votre ton su tu tus vuestra tuo vostro suo il seu sua teu uw je
    jouw swoje swojego twoim swoim din ditt свой ваш своего cuenta compte conta conto account konto de di da do del rekening
    rachunku konta"""
)
"""Words between ``with`` and the name of a service whose account is used: ``with your X account``, ``con tu cuenta de X``."""

USE = _words(
    """use using usa usar utiliza utilizar utilisez utiliser nutze nutzen verwende verwenden usando utilizza gebruik użyj kullan
    используйте använd brug"""
)

BUILT = _words(
    """built build made created create designed design powered hosted host software website webseite site theme template published
    developed ecommerce shop store erstellt gestaltet betrieben gehostet gebaut créé réalisé propulsé hébergé creado diseñado
    desarrollado alojado creato realizzato ospitato criado desenvolvido hospedado gemaakt gebouwd stworzono utworzono создан
    создано работает oluşturuldu byggd skapad lavet forum community platform"""
)
BY = _words(
    """by with on using from at via through von mit bei auf durch par avec chez sur por con en da com no door met przez na в на ile
    av med"""
)
"""``built with X``, ``software by X``: X made what the page is built or hosted with."""

PAY = _words(
    """pay paid payments payment accept accepts accepted checkout buy donate order bezahlen zahlen pagar payer comprar acheter"""
)
TO_PAY = _words(
    "pay buy checkout bezahlen zahlen pagar payer comprar acheter pagare comprare betalen zapłacić ödemek оплатить betala"
)
"""Verbs of paying: ``log in to your X account to pay`` stands in a shop that does not say that it is X."""

SERVICE = (
    SIGN_IN
    | PAY
    | _words(
        "continue connect continuar continuer fortfahren weiter proceed register join powered melden registrieren use"
    )
)
"""Verbs that, with ``with``, ``via`` or ``by`` and another company's name, mean that its service is used."""

SHARE = PAY | _words(
    """share sharing tweet follow like find pin subscribe teilen folgen compartir seguir síguenos partager suivez condividi
    segui seguici compartilhar поделиться available get download"""
)
"""Verbs that, with ``on``, ``to``, ``in``... and another company's name, have innocent reasons."""

SHARE_LINKS = _words("with via using on through by to mit auf über con en com avec sur su in at from for")

PRODUCTS_AFTER = _words(
    """play maps analytics fonts chrome adsense adwords recaptcha tag translate drive pay store connect sdk api pixel ads
    messenger page group groups fan plugin policy privacy terms developer developers marketplace partner partners authenticator
    cloud workspace edge windows excel word silverlight explorer"""
)
"""``Google Play``, ``Apple Pay``, ``Facebook page``: mentions of a service that any site may use."""

INNOCENT_AROUND = _words(
    """phishing scam scams fake fraud fraudulent impersonate impersonating news review reviews alternative alternatives versus
    vs unofficial independent reseller refurbished repair repairs compatible trademark trademarks affiliated endorsed outage
    outages downtime status tutorial guide explained jobs hiring integration integrations compare compared comparison comparisons
    betrug betrüger betrügern betrugsmasche betrugsmaschen abzocke fälschung fälschungen gefälscht gefälschte gefälschten
    nachrichten erfahrungen erfahrungsbericht testbericht vergleich alternativen störung störungen anleitung ratgeber erklärt
    stellenangebote generalüberholt inoffiziell unabhängig verbraucherzentrale verbraucherschutz
    arnaque arnaques escroquerie escroqueries escrocs hameçonnage faux fausse fausses actualités comparatif panne pannes
    tutoriel reconditionné reconditionnés indépendant
    estafa estafas estafadores suplantación falso falsa falsos falsas noticias reseña reseñas opiniones comparativa alternativas
    reacondicionado independiente
    truffa truffe truffatori falsi false notizie recensione recensioni opinioni confronto disservizio disservizi guida
    ricondizionato indipendente
    golpe golpes golpistas notícias avaliação avaliações comparativo instabilidade recondicionado independente
    oplichting oplichters nep nieuws recensie recensies ervaringen vergelijking storing storingen handleiding onafhankelijk
    oszustwo oszustwa oszuści fałszywe fałszywa fałszywy wiadomości recenzja recenzje porównanie awaria awarie poradnik
    dolandırıcılık dolandırıcılar sahte haberler haberleri inceleme karşılaştırma
    мошенники мошенничество мошенников фишинг поддельный поддельные новости обзор отзывы сравнение сбой сбои
    bedrägeri bedrägerier bluff nyheter recension svindel nyheder anmeldelse huijaus uutiset arvostelu"""
)
"""Words of pages that write *about* a brand, as newspapers, guides, second-hand shops and status pages do."""

ABOUT_RUNS = re.compile(
    "方法|やり方|使い方|作り方|とは|解説|手順|注意|詐欺|偽サイト|偽メール|フィッシング|比較|評判|口コミ|障害|ニュース|怎么|如何|教程|诈骗|詐騙|钓鱼|釣魚|评测|評測|新闻|新聞|"
    "사용법|방법|사기|피싱|후기|비교|장애|뉴스|วิธี|คืออะไร|หลอกลวง|มิจฉาชีพ|รีวิว|ข่าว|طريقة|كيفية|احتيال|أخبار|איך|הונאה|חדשות|कैसे|धोखाधड़ी|समाचार"
)
"""Words of pages that write about a brand, in scripts that join them to others: guides, warnings, news and reviews."""

GUIDE_STARTS = _words(
    """how why what when where which who can should is are does do did my i our tips guide set enable configure install watch
    setting getting using fixing finding wie warum was wann wo welche kann muss so mein meine tipps anleitung comment pourquoi
    quand où mon ma astuces faut cómo como por qué cuándo dónde mi puedo trucos come perché cosa quando dove il mio posso
    guida o que meu minha dicas hoe waarom wat wanneer mijn jak dlaczego co gdzie moje mój nasıl neden ne как почему что где
    мой hur varför min hvordan hvorfor miten miksi"""
)
"""First words of the headings of guides, questions and complaints."""

CONNECT = _words(
    """connect connecting link linking integrate integrating integration import importing authorise authorize disconnect unlink
    sync synchronise add adding read manage verbinden verknüpfen importieren trennen connecter relier lier importer dissocier
    conectar vincular importar desvincular collega collegare importa importare scollega koppelen koppel importeren połącz
    powiąż importuj bağla bağlayın подключить подключите связать привязать импортировать anslut koppla tilslut"""
)
"""Verbs of settings pages that use an account of another company: ``Connect your PayPal account``."""

ASKING_STARTS = SIGN_IN | _words(
    """enter please verify confirm update type provide your you we dear use access unlock restore secure complete submit to
    bitte geben bestätigen ihr ihre ihren dein wir sie veuillez entrez saisissez confirmez vérifiez votre vous nous
    introduce introduzca ingrese confirme verifique su tu usted inserisci conferma verifica il suo digite confirme sua seu você
    voer bevestig uw je vul potwierdź wprowadź twoje podaj lütfen girin onaylayın введите подтвердите ваш bekräfta ange ditt"""
)
"""First words of a sentence that asks its reader for something."""

ACCENTED = _words("über äpple äpplen äpplet orangé orangée signál signály líne")
"""Everyday words that are a brand's name but for their accents: no look-alikes of it."""

COPYRIGHT_WORDS = _words(
    "copyright all rights reserved c alle rechte vorbehalten todos los derechos reservados tous droits réservés"
)

COPYRIGHT_MARKS = (
    "©",
    "(c)",
    "&copy;",
    "copyright",
    "all rights reserved",
    "alle rechte vorbehalten",
    "todos los derechos",
)

SEED_PHRASES = (
    "seed phrase", "recovery phrase", "secret phrase", "secret recovery", "mnemonic", "12-word", "12 word", "24-word", "24 word",
    "private key", "keystore", "wiederherstellungsphrase", "frase de recuperación", "phrase de récupération",
)  # fmt: skip
