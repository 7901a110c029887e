// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Needs namespaces, cgroups and eBPF, so it is skipped, with a line that says so, for anybody but
 * root.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "dev.culvert.tests.mesh.Mesh#isRoot",
    disabledReason = "needs root: it makes network namespaces and loads eBPF programs")
public @interface Root {}
