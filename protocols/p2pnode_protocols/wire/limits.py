"""Sizes and counts that bound what a peer can make a node hold or do.

Only constants live here, each with its unit and its reason (docs/protocol.md R7.11).
Two nodes that disagree on one disagree on what is valid, or on what they take from each other, but
for those marked local.
"""

KIB = 1024

DECODE_DEPTH = 12  # nesting; our deepest object (snapshot) uses 8
FRAME_BYTES = 4 * 1024 * KIB  # one gossip frame; holds a few hundred full blocks
FIRST_FRAME_BYTES = 256 * KIB  # … of who is not let in yet: a hello of MEMBERS × DEVICES nonces
PARTIAL_BYTES_PER_SEAT = 2 * FRAME_BYTES  # of frames that have not come whole: of two devices
FRAME_MESSAGES = 1024  # in one frame: each costs a step of the core, however small it is
BLOCK_BYTES = 512 * KIB  # a block must fit a frame with room for others
HEADER_BYTES = 10 * KIB  # of a block: MEMBERS parents of 34 bytes, and 350 of the rest
BLOCK_OPS = 512  # ops in one block; more wait for the next round
OP_BYTES = 24 * KIB  # an op holds hashes of texts, not texts; a charter amendment is the largest
ERASED_TEXTS = 512  # named by one proposal: two full texts and their reasons; 17 KiB of an op
TEXT_BYTES = 64 * KIB  # a reason, or all parts of a text; longer documents are linked
TITLE_CHARS = 200  # two lines of a terminal; what is longer is a text
TITLE_BYTES = 4 * TITLE_CHARS  # of UTF-8
NAME_CHARS = 80  # community, member and tier names: fit a table column
MEMBERS = 256  # full connection costs more than it gives long before that
DEVICES = 16  # keys one seat may hold
TIERS = 16
PRACTICES = 64  # in force in one community, and said by one node to be supported
SETTINGS_BYTES = 64 * KIB  # of one practice: the decision map is the largest
NOTE_BYTES = 4 * KIB  # what a program that embeds a node puts into the log at once
EPOCH_OPS = 16_384  # of one epoch's log: a restart replays them in a second or so
OPEN_PROPOSALS = 1000  # in all, on top of the charter's limit per member
REVISIONS = 100  # of one proposal
PARTS = 200  # of one revision: a long document; its op takes 9 KiB, and a page lists them
DERIVED = 1024  # items that a state opens or revises by itself in one commit: each open one once
SKEW_MS = 2_000  # how far a block may be ahead of its round to be voted for: clocks kept by NTP
PROMPT_MS = 10_000  # how late a vote still bears a block's time out: a slow round, at Δ's most
WAITING_PER_DEVICE = 64  # finalized ops that wait for an earlier nonce
WAITING_BYTES_PER_SEAT = 64 * KIB  # … and their bytes, of all its devices: in each snapshot
PARKED_PER_MEMBER = 64  # finalized ops that name a proposal or revision not finalized yet
PENDING_PER_MEMBER = 1024  # unfinalized ops held for one member
ORPHANS_PER_SEAT = 512  # blocks of unknown parents held of one author: rounds of a minute or so
ORPHANS = 4096  # and in all
ORPHAN_BYTES_PER_SEAT = 16 * 1024 * KIB  # … and so much memory of one author: six full blocks
ORPHAN_BYTES = 64 * 1024 * KIB
SNAPSHOT_BYTES = 64 * 1024 * KIB  # of a leap: links, a state, a log; closed proposals come apart
RECALL_BYTES = 192 * KIB  # of closed proposals at once: with one more mostly a part of PULL_BYTES
RECALLED_BYTES = 6 * 1024 * KIB  # of such a piece: its last record may be the largest there is
LINKS_BYTES = 16 * 1024 * KIB  # of links in a leap, after which another one leads on
LINK_BYTES = BLOCK_BYTES + 64 * KIB  # of a leap: a charter, and MEMBERS signatures of 100 bytes
RECEIPT_BYTES = 300  # a statement, a key and a signature are 240
RECEIPTS_IN_MESSAGE = 512  # a few hundred decisions' worth, checked in well under a second
RECEIPTS_EARLY_PER_DEVICE = 64  # for commits not final here yet; more are asked for later
HURRIED_OPS = 64  # in one message; a person waits for a few
HURRIES_PER_MINUTE = 30  # ops that one seat may ask to hurry: one every two seconds; local
REBUILD_BYTES = 64 * KIB  # MEMBERS seats with a signature each are 36 KiB
REBUILDS_HEARD = 4  # of the epoch this node is in, kept of one signer; there should be one
UNPROVEN_TOLD = 64  # runs of commits without receipts in one status; there should be one or none
UNPROVEN = 16_384  # commits whose receipts are collected; older ones are given up
FORKS_PER_SLOT = 2  # two prove the fork; a third adds nothing
FORKS_NAMED_PER_SLOT = 32  # … but that others stand on it; a liar's peers name one each
FORK_BYTES_PER_SEAT = 4 * 1024 * KIB  # an epoch: of a seat, and of those that its blocks name
CERTIFICATE_BYTES = 64 * 1024 * KIB  # a thousand epochs of a hundred nodes, or 256 long reasons
WANT_HASHES = 256  # asked for in one message
MISSING_TEXTS = 4096  # asked for from peers; whoever refers to more texts than it sends, loses them
PULL_BYTES = 256 * KIB  # of blocks answered to one pull: verified in about 0.1 s, in one go
PUSH_BYTES = 64 * KIB  # said to a peer unasked, until it is written: a quarter of a second's worth
STRANGERS = 4  # joiners by one invite connected at once; and callers that have shown none yet
ADDRESSES = 16  # told in one hello
ADDRESS_CHARS = 256
CONTACTS_EARLY_PER_SEAT = 256  # of devices without a seat here yet: a newcomer is told of all
CONTACTS_EARLY = 4096  # and in all
CONTACTS_EARLY_BYTES_PER_SEAT = 1024 * KIB  # memory
CONTACTS_EARLY_BYTES = 8 * 1024 * KIB
FUTURE_EPOCH_BLOCKS_PER_SEAT = 256  # buffered while this node catches up with their epoch
FUTURE_EPOCH_BLOCKS = 1024  # and in all
FUTURE_EPOCH_BYTES_PER_SEAT = 8 * 1024 * KIB  # memory
FUTURE_EPOCH_BYTES = 32 * 1024 * KIB
OPS_PER_MINUTE = 240  # of one member, beyond a first PENDING_PER_MEMBER; soft and local
VAIN_PER_MINUTE = 32_768  # units of what one seat says in vain, and PENDING_PER_MEMBER a seat
ASKED_PER_MINUTE = 131_072  # … and so many at most for what it was asked
VAIN_OF_STRANGER = 1_024  # of all without a seat together, nobody is cut off who brought less
ALARMS_PER_SEAT = 256  # roots of one seat that contradict this log, of which an alarm is raised
DETAIL_CHARS = 200  # of the words with which a peer refuses something
