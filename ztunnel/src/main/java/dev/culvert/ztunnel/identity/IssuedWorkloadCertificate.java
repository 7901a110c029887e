// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

/** A certificate as the tunnels use it, beside what the CA signed. */
record IssuedWorkloadCertificate(IssuedCertificate issued, WorkloadCertificate certificate) {}
