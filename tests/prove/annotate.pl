# annotate.pl NOTES < jacobian.h - a copy with what the notes put into it. In the notes, `@ text` finds the one line that has the text
# (the search ends the run when there is none or more than one); of the lines that follow, `< line` goes before it, `> line` after it,
# and `= text` replaces the text. SPDX-License-Identifier: MIT
use strict;
my $notes = shift @ARGV;
my @source = <STDIN>;
my (@before, @after, $at, $text);
open my $in, '<', $notes or die "$notes: $!\n";
while (<$in>) {
    next unless /^([@<>=]) (.*)$/;
    if ($1 eq '@') {
        $text = $2;
        my @found = grep { index($source[$_], $text) >= 0 } 0 .. $#source;
        die "$notes: once in the header, please, not " . @found . " times: $text\n" unless @found == 1;
        $at = $found[0];
    } elsif ($1 eq '=') {
        substr($source[$at], index($source[$at], $text), length $text) = $2;
        $text = $2;
    } else {
        ($1 eq '<' ? $before[$at] : $after[$at]) .= "$2\n";
    }
}
print map { ($before[$_] // '') . $source[$_] . ($after[$_] // '') } 0 .. $#source;
