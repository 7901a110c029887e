// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.authz.CompiledAuthorization.Action;

/**
 * What a policy in dry-run would have said.
 *
 * @param matched for DENY: it would have denied; for ALLOW: it would have allowed
 */
public record DryRunResult(PolicyKey policy, Action action, boolean matched) {}
