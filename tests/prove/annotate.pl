# annotate.pl NOTES < jacobian.h - a copy with what the notes put into it. In the notes, `@ text` finds the one line that has the text
# (the run ends when there is none or more than one), `@+2 text` the second one below it; of the lines that follow, `< line` goes before
# it, `> line` after it, and `= text` replaces the text. After `@@ text`, only lines from there to the end of the function are looked at,
# and `* text` puts the `< line`s that follow right before every place that has the text. SPDX-License-Identifier: MIT
use strict;
my $notes = shift @ARGV;
my @source = <STDIN>;
my (@before, @after, $at, $text, $every);
my ($from, $to) = (0, $#source);
open my $in, '<', $notes or die "$notes: $!\n";
sub once {
    my @found = grep { index($source[$_], $_[0]) >= 0 } $from .. $to;
    die "$notes: once, please, not " . @found . " times: $_[0]\n" unless @found == 1;
    return $found[0];
}
sub every { s/(?=\Q$text\E)/$every/g for @source[$from .. $to]; $every = undef; }
while (<$in>) {
    next unless /^(@@|[@*<>=])([+-]\d+)? (.*)$/;
    every if defined $every && $1 ne '<';
    if ($1 eq '@@') {
        ($from, $to) = (0, $#source);
        $from = $at = once($text = $3);
        ($to) = grep { $source[$_] =~ /^}/ } $from .. $#source;
    } elsif ($1 eq '@') {
        $at = once($text = $3) + ($2 // 0);
    } elsif ($1 eq '*') {
        ($text, $every) = ($3, '');
        grep { index($source[$_], $text) >= 0 } $from .. $to or die "$notes: nowhere: $text\n";
    } elsif ($1 eq '=') {
        substr($source[$at], index($source[$at], $text), length $text) = $3;
        $text = $3;
    } elsif (defined $every) {
        $every .= "$3 ";
    } else {
        ($1 eq '<' ? $before[$at] : $after[$at]) .= "$3\n";
    }
}
every if defined $every;
print map { ($before[$_] // '') . $source[$_] . ($after[$_] // '') } 0 .. $#source;
