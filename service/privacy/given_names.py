"""Common given names, and words that look like names and are none."""

from __future__ import annotations

from typing import Final

# Source: the most frequent names of births and of residents that the offices of the US (SSA), the UK (ONS), Germany
# (GfdS) and Spain (INE) publish, and frequent ones of their neighbours and of immigrants; chosen by hand.
GIVEN_NAMES: Final = frozenset(
    """
    aaron abdul abigail adam adele adrian adriana agata agnes agnieszka ahmed aisha aitor alan alba albert alberto
    alejandra alejandro aleksandra alessandro alex alexander alexandra alexandre alexandru alexei alexis alfonso
    alfred alfredo ali alice alicia alina alison allison álvaro amanda amara amelia amelie amina amir amit amy ana
    anastasia anders andrea andreas andrei andrés andrew andrzej andré ángel ángela angelika anja anke ann anna anne
    annette annika antje anton antonia antonio anya arjun arthur artur arturo asha ashley astrid august aurora ava
    axel ayesha barbara bárbara beata beatrice beatriz begoña ben benedikt benjamin bernard bernardo bernd bernhard
    beth bianca birgit björn blanka bogdan boris brandon brenda brian bridget brigitte britta bruno caitlin camila
    camille carina carla carlos carmen carol carolina caroline catalina catherine cecilia celia charles charlotte
    chiara chloe chloé chris christa christian christina christine christoph christopher cindy claire clara claudia
    claus clemens concepción connor consuelo cornelia cristian cristina cynthia dagmar daniel daniela daniele
    danielle danuta david deborah deepa denis denise dennis derek diana diane diego dieter dimitri dirk dmitri
    dolores dominic dominik dominique donald donna dorothea dorothy doris douglas duncan dylan eberhard edith
    eduardo edward eileen elena elias elisa elisabeth elise elizabeth elke ella ellen ellie elsa emil emilia emilio
    emily emma encarnación enrique eric erica erik erika ernesto ernst esteban esther ethan eugene eva evelyn fabian
    fatima fátima federico felicia felicitas felipe felix fernanda fernando fiona florian frances francesca
    francesco francis francisca francisco franz françois frieda friedrich gabriel gabriela gabriele gareth gary
    gemma geoffrey georg george georgia gerald gerard gerd gerhard gertrud giovanni gisela giulia giuseppe gloria
    gonzalo gordon graham greg gregor gregory greta guadalupe guillermo günter günther gustav gustavo hanna hannah
    hannelore hans harald harriet harry hassan heather hector héctor heidi heike heinrich heinz helen helena helga
    helmut hendrik henning henri henry herbert hermann hilde hildegard holger horst hugh hugo ian ibrahim ignacio
    igor ilona ilse imran ines inés inga ingeborg ingo ingrid irene irina iris irma isaac isabel isabella isabelle
    ismael iván ivan izabela jacek jack jackson jacob jacqueline jaime jakob jakub james jamie jan jana jane janet
    janina jared jason javier jay jean jeffrey jelena jennifer jenny jens jeremy jesse jessica jesús jill jim jimena
    joachim joan joanna joanne joaquín joe joel johan johann johanna johannes john jonas jonathan jordan jorge josé
    josef josefa josefina joseph joshua juan juana juanita judith jule julia julian juliana julie julien juliette
    julio jürgen justin jutta kai karen karim karin karina karl karla karolina karsten katarzyna kate katharina
    katherine kathleen kathrin kathryn katja katrin kavya keith kelly kenneth kerstin kevin khadija kim kimberly
    kirsten klaus konrad konstantin krzysztof kurt kwame kyle lara larissa lars laura lauren laurent lea leah leila
    lena leo leon leonard leonie leonardo leticia lewis lidia liam lilian lilly lily linda linus lisa lorena lorenzo
    lothar louis louisa louise luca lucas lucia lucía luciano lucy ludwig luis luisa lukas luke lutz lydia lynn
    maciej madeleine madison magdalena maik maja małgorzata manfred manuel manuela marc marcel marcia marco marcos
    marcus margaret margarita margarethe maria maría marian mariana marie marina mario marion marisol marius marlene
    marta martha martín martin martina mary mateo mathias matilda matteo matthew matthias maurice mauricio max
    maximilian maya megan mehmet melanie melissa mercedes michael michaela michal michele michelle miguel mikael
    mike milan milena miriam mohamed mohammed moira mónica monica monika monique montserrat moritz mustafa nadia
    nadine nancy naomi natalia natalie natasha nathan neil nele nerea nicholas nick nico nicola nicolas nicolás
    nicole niels niklas nikolai nils nina noah noelia nora norbert norma nuria octavia oleg olga oliver olivia omar
    óscar oscar oskar otto owen pablo paloma pamela paola patricia patricio patrick patrik paul paula paulina
    pauline paulo pavel pedro peggy penelope peter petra philip philipp philippe phillip piotr pilar priya rachel
    rafael ragnar rahul raimund rainer ralf ralph ramón ramona randy raquel rashid raúl ravi raymond rebecca regina
    reinhard renate renata ricardo richard riccardo rita robert roberta roberto rocío rodrigo roger roland rolf
    roman ronald rosalía rosemary roxana rubén rudolf ruth ryan sabine sabrina salvador samantha samir samuel sandra
    santiago sara sarah saskia scott sean sebastian sebastián sergei sergio shannon sharon sheila siegfried sigrid
    silke silvia simon simone siobhan sofia sofía sonia sonja sophia sophie stacy stanisław stefan stefanie stella
    stephan stephanie stephen steve steven stuart sunita susan susana susanna susanne sven svenja svetlana sylvia
    tamara tanja tanya tatiana teresa terry thea theo theodor theresa thomas thorsten tiago tilda tim timo timothy
    tina tobias todd tom tomás tomasz toni tony torsten tracy tristan tyler udo ulrich ulrike ursula uta ute uwe
    valentina valeria valerie vanessa vera verena verónica veronica veronika vicente victor víctor victoria viktor
    viktoria vincent viola virginia vivian vladimir volker walter waltraud wendy wenzel werner wiebke wilhelm
    william willy wojciech wolfgang xavier ximena yannick yasmin yolanda yusuf yvonne zachary zoe zoltán zuzana
    """.split()
)

# Names that are everyday words too: they count with a surname or a cue only.
AMBIGUOUS_NAMES: Final = frozenset(
    """
    al amber angel april art august ava bill blanca bob brook chance charity chase clay cliff crystal dawn dean
    dolores don drew earl ernst faith fay frank gene georgia glen grace grant guy hazel heather hope hugo iris ivy
    jack jade jay jean jewel jordan joy june justice kim lance lea lily luz major mark marina martin mason max may
    melody mercedes mia miles milan nick nova olive opal page paris parker pat patience pearl penny pilar ray reed
    rich rob robin rocío rosa rose ruby rusty sandy santiago scarlet scott sharp sierra sky sol stella sterling
    stern storm summer sunny sven terry tiffany toni tracy trinity venus victoria viola violet virginia wade walter
    ward will willow winter wolf woody
    """.split()
)

# What follows a greeting, a title or a label and is nobody's name.
NOT_NAMES: Final = frozenset(
    """
    brief nachricht e-mail mail mails anruf account address administrator admin agent alder alias all amazon amount
    and any anyone api april august backend billing black board body both brand business buyer case category center
    centre client clients code colleague colleagues committee community company contact copilot country customer
    customers cyber data date days dear december delivery department desk developers dies dir doctor each editor
    email english error every everybody everyone everything february file first friday friend friends from function
    german germany google great guest guests guys head hello help here hi hiring human id info inbox invoice it
    january july june ladies last legal list madam manager management march marketing may me member members
    microsoft model monday mr mrs ms my name new news no none north not note november null number october office
    officer ok one operations order orders our partner partners parents password people phone please postmaster
    president price product products project purchase python query recipient red regards region reply report request
    returns sales sender september service services shipping shop sir south spain spanish staff status string
    student students subject supplier support system talent team thank thanks the their there this thursday title to
    today tomorrow total tuesday type undefined unit united unknown user users value vendor version we wednesday
    west east what when where who world yes you your alle an anrede antwort auch auf aus bestellung betreff damen
    danke das datum den der die dezember dienstag donnerstag ein eine einkauf euch februar frau freitag freund
    freunde freundin für gast gäste geehrte geehrter geschäftsführung grüße guten hallo heute herr herren ich ihr
    ihre januar juli juni kollege kollegen kolleginnen kunde kunden kundin kundinnen kundenservice leute lieferung
    lieferant mai märz mitarbeiter mitglied mittwoch montag morgen nachbar nachbarn nein nutzer oktober partner
    personal rechnung samstag sonntag sie team uns unser vertrieb von wir zusammen abril agosto aquí atención
    cliente clientes compañero compañeros con correo departamento diciembre domingo el ella ellas ellos empresa
    enero equipo españa factura febrero gracias hola hoy jueves julio junio la las lo los lunes marzo martes mayo
    miércoles mi noviembre octubre pedido pedidos proveedor que recursos sábado saludos señor señora señores señoras
    septiembre servicio su sus todo todos todas tu un una usted ustedes vecino vecinos ventas viernes
    """.split()
)

# Local parts of addresses behind which no person is, and words that are no part of a name.
ROLES: Final = frozenset(
    """
    abuse accounts admin administrator alerts application ayuda bestellung billing booking buchhaltung careers
    comercial compras contact contacto datenschutz desk do donotreply enquiries events facturas facturacion feedback
    finance git hallo hello help helpdesk hola hostmaster hr info inbox invoice invoices it jobs kontakt
    kundenservice legal list mail mailer marketing media news newsletter no noreply notifications office operations
    orders pedidos personal postmaster presse press privacy purchasing rechnung reception reply returns rrhh sales
    security service shop soporte staff support system team test user ventas verkauf vertrieb web webmaster
    """.split()
)
