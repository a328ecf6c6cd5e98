/*
 * What the trials on a cluster share: its nodes, and processes of the program
 * that have one of them first in their list.
 */
#ifndef FAULTS_CLUSTER_H
#define FAULTS_CLUSTER_H

#include "trial.h"

#define CLUSTER_NODES 3

struct cluster {
	const char *hosts[CLUSTER_NODES];
};

/* Before a fork: the list of hosts of a process that prefers node `first`. */
void cluster_order_hosts(struct config *config, const struct cluster *cluster, int first);

/* Two programs, each on a node of its own, want the same few places at the same time (race.c). */
void try_race(struct trial *trial, const struct cluster *cluster);

#endif
