// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.Callers;
import dev.culvert.controlplane.admission.Admission;
import dev.culvert.controlplane.ca.CertificateAuthority;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a control plane stands on, which differs with the source of the mesh.
 *
 * @param authority signs
 * @param callers tells who calls
 * @param mesh the mesh as far as it is known: all of it, when this is made
 * @param roots where proxies find what they trust
 * @param chores what is to be done now and then
 * @param trouble why changes are not taken in any more; empty while they are
 * @param admission decides on objects before they are stored, where somebody stores them
 */
record Ground(
    CertificateAuthority authority,
    Callers callers,
    LiveMesh mesh,
    String roots,
    List<Runnable> chores,
    Supplier<Optional<String>> trouble,
    Optional<Admission> admission) {}
