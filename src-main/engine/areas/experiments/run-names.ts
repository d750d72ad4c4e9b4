/** Names for runs that came without one: adjective-noun-number. */
const ADJECTIVES =
  'able amber bold brave bright calm clear clever crisp deft eager early fair fleet fond gentle glad grand keen kind late light lively loud lucid merry mild neat noble plain proud quick quiet rapid ready rich sharp shy sleek smooth sober solid spry stark steady stout sunny swift tidy trim true vivid warm wise witty young'.split(
    ' ',
  );
const NOUNS =
  'adder auk bear beaver bison boar crane crow deer dove duck eagle elk falcon finch fox frog goat goose gull hare hawk heron horse ibex jay kestrel kite lark lion lynx mole moose moth newt otter owl panda perch pike plover puffin quail raven robin seal shrew skua snipe stag stork swan tern thrush toad trout viper vole whale wolf wren'.split(
    ' ',
  );

const pick = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] ?? '';

export const randomRunName = (): string =>
  `${pick(ADJECTIVES)}-${pick(NOUNS)}-${Math.floor(Math.random() * 1000)}`;
