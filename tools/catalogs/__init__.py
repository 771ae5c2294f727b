"""Sentence pairs out of gettext catalogs: the parts of tools/corpus-from-catalogs.

packages  where catalogs come from: Debian packages, downloaded and read without installing
mo        a compiled catalog: messages, contexts, plural forms
segments  a message and its translation become pairs of lines and sentences
clean     one pair made fit for training, or a reason to drop it
language  is each side in the language that it should be in?
split     train, valid and test without a source sentence in two of them
"""
