import { isRepeated } from '#core/internal/repeats'

/**
 * Words of which the passwords that are tried first are made: with figures and signs around them, in large letters, or with
 * letters written as figures (`P4ssw0rd!23`).
 */
const words: ReadonlySet<string> = new Set(
  `password passwort passwd passw passphrase contrasena motdepasse parola senha kennwort haslo heslo wachtwoord
   admin administrator root superuser sysadmin user username guest test testing tester demo default changeme changeit
   letmein letmeinnow welcome welcomehome login signin access secret secrets private master mypassword yourpassword thepassword
   newpassword oldpassword nopassword adminadmin passwordpassword adminpassword rootroot testtest temporary temp temppass
   qwerty qwertyui qwertyuiop qwertz qwertzui azerty azertyui asdf asdfgh asdfghjk asdfghjkl zxcvbn zxcvbnm zxcvbnmm qazwsx
   qazwsxedc qweasd qweasdzxc wasd poiuytrewq lkjhgfdsa mnbvcxz asdfasdf qwerqwer zaqxsw zaqwsx
   abc abcabc abcd abcdef abcdefg abcdefgh abcdefghi alphabet
   iloveyou iloveu loveyou loveme lovelove lover mylove forever sweetheart princess prince angel angels beautiful babygirl
   darling honey sunshine sunflower butterfly rainbow flower flowers happy happiness smile blessed heaven jesus jesuschrist
   football baseball basketball soccer hockey softball volleyball golfer cricket lacrosse liverpool arsenal chelsea barcelona
   manchester juventus realmadrid steelers cowboys yankees lakers eagles dolphins tigers chargers
   monkey dragon shadow tiger lion eagle falcon panther leopard phoenix wolf spider snoopy pokemon pikachu garfield
   superman batman spiderman ironman wolverine avengers starwars startrek trustno matrix gandalf hogwarts harrypotter naruto
   minecraft fortnite roblox zelda mario playstation nintendo xbox gamer gaming
   michael michelle jennifer jessica jordan daniel thomas robert charlie andrew joshua matthew anthony ashley amanda nicole
   samantha stephanie elizabeth alexander alexandra christopher jonathan benjamin victoria veronica isabella
   computer internet network system server database oracle windows microsoft google facebook amazon samsung apple iphone
   android cisco ubuntu linux github docker internet
   summer winter spring autumn january february march april october november december monday friday saturday sunday
   chocolate cookie cookies banana orange apple cherry pepper cheese pizza coffee whatever nothing something anything
   freedom liberty america england london paris germany france italy mexico canada australia
   mustang corvette ferrari porsche mercedes harley yamaha honda toyota racing
   killer hunter ranger soldier warrior trooper hacker cracker ninja samurai wizard pirate
   company business office manager security secure control please money dollar lucky rockyou rockstar metallica nirvana
   hello hellohello helloworld goodbye thankyou fuckyou fuckoff asshole bullshit`.split(/\s+/),
)

/** Rows of keyboards and the order of letters and figures, forwards and backwards. */
const rows: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
].flatMap((row) => [row, [...row].reverse().join('')])

/** Longer ones are no habit of anybody's. */
const longest = 40
/** More figures and signs than that are worth something by themselves. */
const mostAround = 6
const figures: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** Whether a password is among those that are tried first, by rule or by list. */
export function isCommon(password: string): boolean {
  if (password.length > longest) return false
  const text = password.toLowerCase()
  return isRepeated(text, 4) || isRow(text) || candidatesOf(text).some((word) => words.has(word))
}

/** `12345678`, `qwertyui`, `87654321`, and two of them such as `abcd1234`. */
function isRow(text: string): boolean {
  const inRow = (part: string): boolean => part.length >= 3 && rows.some((row) => row.includes(part))
  if (inRow(text)) return true
  for (let at = 3; at <= text.length - 3; at++) if (inRow(text.slice(0, at)) && inRow(text.slice(at))) return true
  return false
}

/** The word inside: without what stands around it, and with letters where figures stand for them. */
function candidatesOf(text: string): string[] {
  const read = [...text].map((letter) => figures[letter] ?? letter).join('')
  return [text, read, bare(text), bare(read), lettersOf(text), unsuffixed(text)].filter(
    (word) => word.length >= 3 && text.length - word.length <= mostAround,
  )
}

const bare = (text: string): string => text.replace(/^[^a-z]+|[^a-z]+$/g, '')
const lettersOf = (text: string): string => text.replaceAll(/[^a-z]/g, '')
/** `p4ssw0rd2024!`: figures at the end are figures, those inside are letters. */
const unsuffixed = (text: string): string =>
  [...text.replace(/[^a-z]+$/, '')].map((letter) => figures[letter] ?? letter).join('')
