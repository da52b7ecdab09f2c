"""The apps of this repository, deployed and taken down on a local AWS, with each claim checked."""
