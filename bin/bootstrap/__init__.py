"""What stands behind bin/run, bin/test and bin/manage: environment, servers, processes. Standard library only."""
