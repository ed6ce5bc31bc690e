# annotate.pl NOTES < jacobian.h - a copy with what the notes put into it. In the notes, `@ text` finds the one line that has the text
# (the run ends when there is none or more than one), `@+2 text` the second one below it; of the lines that follow, `< line` goes before
# it, `> line` after it, and `= text` replaces the text. SPDX-License-Identifier: MIT
use strict;
my $notes = shift @ARGV;
my @source = <STDIN>;
my (@before, @after, $at, $text);
open my $in, '<', $notes or die "$notes: $!\n";
while (<$in>) {
    next unless /^([@<>=])([+-]\d+)? (.*)$/;
    if ($1 eq '@') {
        $text = $3;
        my @found = grep { index($source[$_], $text) >= 0 } 0 .. $#source;
        die "$notes: once in the header, please, not " . @found . " times: $text\n" unless @found == 1;
        $at = $found[0] + ($2 // 0);
    } elsif ($1 eq '=') {
        substr($source[$at], index($source[$at], $text), length $text) = $3;
        $text = $3;
    } else {
        ($1 eq '<' ? $before[$at] : $after[$at]) .= "$3\n";
    }
}
print map { ($before[$_] // '') . $source[$_] . ($after[$_] // '') } 0 .. $#source;
