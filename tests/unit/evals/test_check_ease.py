"""Syllables against words that were divided by hand, and the two formulas against counts made by hand."""

import pytest

from evals.checks.ease import ease
from evals.checks.reading import read
from evals.checks.syllables import syllables
from evals.checks.words import Language
from matria.messages import Locale

PORTUGUESE = """
a-go-ra sa-ú-de pa-ís pais cri-an-ça di-a be-bê be-bé á-gua his-tó-ria hos-pi-tal ma-ter-ni-da-de san-gra-men-to
gra-vi-dez a-vi-ão co-ra-ção pul-mão pul-mões mãe mães põe ra-i-nha ru-im ra-iz ra-í-zes ju-iz a-in-da sa-ir ca-ir
sa-í-da ca-iu viu pro-i-bi-do re-u-ni-ão co-in-ci-dên-cia mei-a prai-a fei-o i-dei-a jói-a cui-da-do mui-to mui-tas
fui a-zuis i-guais quais quan-do quei-xa quei-ma-du-ra san-gue guar-da lin-guís-ti-ca se-quên-cia tran-qui-lo
fre-quen-te fre-quên-cia guei-xa gui-a con-ti-nu-a con-ti-nu-ar con-ti-nu-ou in-di-ví-duo vá-cuo tê-nue sé-rie
pró-prio ne-ces-sá-rio re-mé-dio á-rea gê-meos má-goa ma-ri-a a-le-gri-a en-fer-ma-ri-a ri-o ti-o lu-a ru-a pes-so-a
po-e-ta te-o-ri-a le-ão le-al vo-o en-jo-o ál-co-ol co-o-pe-rar com-pre-en-der a-e-ro-por-to ca-os ao aos
di-a-be-tes vi-a-gem pa-ci-en-te vi-o-lên-cia so-ci-al si-tu-a-ção na-ci-o-nal ci-ên-cia trei-no rei-no dou-to-ra
ou-tro ou-vi-do Eu-ro-pa bai-xo bair-ro pau-lis-ta au-xí-lio mo-i-nho di-mi-nu-ir in-clu-ir pos-sui con-tri-bu-ir
cons-tru-iu sen-ti-am que-ri-a i-rí-a-mos ór-gão bên-ção ir-mãos li-mões cãi-bra pneu-mo-ni-a psi-co-lo-gi-a rit-mo
obs-te-tra pré na-tal ul-tras-so-no-gra-fi-a e-co-gra-fi-a te-le-mó-vel au-to-car-ro quei-jo ci-rur-gi-a
a-mni-ó-ti-co dor do-res mês me-ses tra-ba-lho par-to ca-be-ça vi-são em-ba-ça-da fa-le com su-a mé-di-ca ho-je
mes-mo ur-gên-cia e-mer-gên-cia sin-to-ma pres-são ar-te-ri-al fe-bre lei-te ma-ma pei-to fi-ei flui-do gra-tui-to
in-tui-to ru-í-do dis-tra-í-do ba-ú Ra-ul pa-ul cau-le pau-sa maus meus seus teus eu céu céus réu he-rói he-roi-co
a-nzóis pa-péis fi-éis a-néis bei-ja bei-jo vei-o vei-a chei-o a-rei-a pas-sei-o mai-o mai-or mei-o prai-as boi
coi-sa oi-to noi-te foi pois de-pois dois du-as três qua-tro cin-co seis se-te no-ve dez u-ma um com-por-ta-men-to
en-jo-a-da vô-mi-to náu-seas ton-tu-ra des-mai-ou con-tra-ções do-lo-ri-da a-ma-men-tar mas-ti-te quei-xou
a-nes-te-si-a ce-sa-ri-a-na e-clâmp-sia hi-per-ten-são glú-ten pei-xe a-tum cons-ti-pa-ção in-tes-ti-no u-ri-ná-ria
u-ri-ná-rio far-má-cia far-ma-cêu-ti-ca re-cei-ta con-sul-ta es-pe-ci-a-lis-ta mi-o-ma ú-te-ro o-vá-rio pla-cen-ta
lí-qui-do bol-sa ge-la-do ge-la-dei-ra fri-go-rí-fi-co pe-que-no al-mo-ço jan-tar su-co su-mo cha-péu quen-te
a-que-cer ba-nho chu-vei-ro a-bor-to es-pon-tâ-neo pe-rí-o-do mens-tru-a-ção mens-tru-al cor-ri-men-to chei-ro
co-cei-ra ar-dên-cia a-li-men-ta-ção ve-ge-ta-ri-a-na i-o-gur-te cál-cio fer-ro á-ci-do fó-li-co vi-ta-mi-na
in-je-ção com-pri-mi-dos ho-rá-rio ho-rá-rios se-ma-nas quin-ze do-ze vin-te trin-ta qua-ren-ta lou-ca trau-ma
a-brir a-pa-re-ceu pe-diu sa-iu cons-trói des-tru-í-do ju-í-zo a-ta-ú-de po-ei-ra le-o-a ba-lei-a es-tou vou sou
so-nho u-nhas a-mi-gui-nho pre-o-cu-pa-da pre-o-cu-pa-ção me-di-ca-ção vi-o-len-to com-pa-nhei-ro ma-ri-do fi-lhas
ne-ném ges-tan-te u-ten-te a-com-pa-nhar ca-mi-nhar quei-mou
"""

ENGLISH = """
ba-by wo-man wom-en hos-pi-tal preg-nan-cy bleed-ing blood pres-sure doc-tor mid-wife im-me-di-ate-ly e-mer-gen-cy
call now please do not wait un-til to-mor-row ta-ble lit-tle peo-ple qui-et sci-ence pa-tient so-cial va-ri-ous
pe-ri-od me-di-um mu-se-um flu-id fruit build guide true blue glue cru-el po-em toe does cre-ate a-re-a i-de-a
be-lieve field piece ba-bies tried walked want-ed need-ed passed soaked change chang-es box-es wash-es take takes
made time times move-ment move-ments fe-ver in-fec-tion med-i-cine vac-cine vac-cines i-bu-pro-fen
a-ce-ta-min-o-phen par-a-cet-a-mol head-ache vi-sion blur-ry swol-len swell-ing la-bor con-trac-tion con-trac-tions
ques-tion ner-vous anx-ious anx-i-e-ty de-pres-sion wor-ried wor-ry hap-py feel-ing stud-y-ing go-ing do-ing see-ing
be-ing some-times ev-ery-one di-a-be-tes hy-per-ten-sion nu-tri-tion breast-feed-ing breast milk bot-tle for-mu-la
sleep sleep-y tired eat-ing ate rice or-ange or-ang-es veg-e-ta-bles cheese sau-sage nurse nurs-es sur-geon
re-li-gion re-gion re-gion-al u-nique an-tique tongue league plague ar-gue con-tin-ue res-cue val-ue val-ues is-sue
is-sues tis-sue grad-u-al-ly u-su-al ac-tu-al-ly man-u-al sit-u-a-tion e-val-u-ate flu-ent in-flu-en-za fu-el du-el
ri-ot li-on vi-o-lence vi-o-lent ra-di-o vid-e-o hy-giene clin-ic clin-i-cal of-fice prac-tice no-tice ser-vice
ad-vice ad-vise ad-vised al-so o-ver af-ter wa-ter wa-ters broke bro-ken leak leak-ing with-out wor-ries safe-ty
safe-ly care-ful la-bel la-belled han-dle han-dled set-tle trou-ble trou-bles tem-per-a-ture thir-ty eight nine
nine-teen weeks month months years nau-sea diz-zy faint-ed vom-it-ing swal-low breath-ing chest tight-ness cough-ing
trem-bling sei-zure sei-zures un-con-scious am-bu-lance par-a-med-ic pla-cen-ta cer-vix va-gi-nal dis-charge
am-ni-ot-ic rup-tured mem-branes pre-ma-ture new-born jaun-diced yel-low fe-ver-ish weigh weight scale ounce ounc-es
din-ner break-fast fresh fruit-y leaf-y greens sal-mon tu-na mer-cu-ry raw sea-food pas-teur-ized un-pas-teur-ized
lis-te-ri-a tox-o-plas-mo-sis gar-den-ing cat lit-ter ex-er-cise swim-ming walk-ing yo-ga hy-drate de-hy-drat-ed
al-co-hol smok-ing quit nic-o-tine al-ler-gy al-ler-gic re-ac-tion rash itch-y itch-ing stom-ach con-sti-pat-ed
he-mor-rhoids vein var-i-cose com-pres-sion stock-ings sup-port part-ner hus-band shel-ter le-gal hot-line
su-i-cid-al thoughts scared a-lone ex-haust-ed cried cry-ing ther-a-pist coun-sel-ing med-i-ca-tion dose dos-es
tab-let tab-lets cap-sule pre-scribed pre-scrip-tion phar-ma-cist i-ron fo-lic ac-id vi-ta-min cal-ci-um
"""


@pytest.mark.parametrize(("language", "divided"), [("pt", PORTUGUESE), ("en", ENGLISH)])
def test_words_have_the_syllables_that_a_dictionary_divides_them_into(language: Language, divided: str) -> None:
    words = divided.split()
    wrong = [word for word in words if syllables(word.replace("-", ""), language) != word.count("-") + 1]
    assert wrong == []


@pytest.mark.parametrize(
    ("locale", "text", "words", "sentences", "total", "score"),
    [
        # Do-not wait. Go to the hos-pi-tal now: 206.835 - 1.015 x 9/2 - 84.6 x 11/9
        ("en", "Do not wait. Go to the hospital now.", 8, 2, 10, 206.835 - 1.015 * 4 - 84.6 * 10 / 8),
        # Não es-pe-re. Vá à ma-ter-ni-da-de a-go-ra.
        ("pt-BR", "Não espere. Vá à maternidade agora.", 6, 2, 14, 248.835 - 1.015 * 3 - 84.6 * 14 / 6),
        # lines of a list are sentences, numbers and addresses no words: Ve-ja: fe-bre dor
        (
            "pt-PT",
            "Veja 3 sinais:\n- febre\n- dor\nhttps://exemplo.pt/sinais",
            4,
            3,
            7,
            248.835 - 1.015 * 4 / 3 - 84.6 * 7 / 4,
        ),
    ],
)
def test_the_score_is_the_formula_over_what_was_counted(
    locale: Locale, text: str, words: int, sentences: int, total: int, score: float
) -> None:
    found = ease(read(text, locale))
    assert found is not None
    assert (found.words, found.sentences, found.syllables) == (words, sentences, total)
    assert found.score == pytest.approx(score)


EASY_TO_HARD = {
    "pt-BR": [
        "Vá ao hospital agora. Leve água. Chame alguém para ir com você. O bebê precisa ser visto hoje.",
        "Se o sangramento continuar depois do banho, ligue para a maternidade e diga quantos absorventes usou hoje.",
        "A persistência de hemorragia uterina disfuncional no puerpério imediato requer investigação ultrassonográfica "
        "especializada e monitorização hemodinâmica contínua.",
    ],
    "pt-PT": [
        "Beba água. Durma de lado. Conte as vezes que o bebé mexe. Ligue se ele mexer menos.",
        "Se a dor de cabeça não passar com o repouso, telefone para a linha de saúde e diga de quantas semanas está.",
        "A administração concomitante de anti-inflamatórios não esteroides encontra-se formalmente contraindicada "
        "durante o terceiro trimestre gestacional.",
    ],
    "en": [
        "Drink some water. Lie down on your left side. Count the kicks. Call us if there are few.",
        "If the headache does not go away after you rest, call your midwife and tell her how many weeks you are.",
        "Persistent hypertension necessitates multidisciplinary evaluation, laboratory investigation and "
        "individualized pharmacological management.",
    ],
}


@pytest.mark.parametrize("locale", EASY_TO_HARD)
def test_plain_words_score_above_a_leaflet_above_a_journal(locale: Locale) -> None:
    found = [ease(read(text, locale)) for text in EASY_TO_HARD[locale]]
    plain, leaflet, journal = (one.score for one in found if one is not None)
    assert plain > 75
    assert plain > leaflet > 25 > journal


def test_a_text_without_words_has_no_score() -> None:
    assert ease(read("123 🙂", "en")) is None
