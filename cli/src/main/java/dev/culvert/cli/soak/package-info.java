// SPDX-License-Identifier: Apache-2.0
/**
 * {@code culvert soak}: a mesh on this machine under churn, every byte checked. The command's own
 * process decides, watches and judges; one process per node ({@link dev.culvert.cli.soak.SoakApps})
 * holds the apps' sockets, told by lines on its input and answering by lines in its log. Moments
 * are those of {@link System#nanoTime}, which is one clock for all processes of a Linux machine.
 */
package dev.culvert.cli.soak;
