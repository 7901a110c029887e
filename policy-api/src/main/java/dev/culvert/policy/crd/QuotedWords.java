// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/**
 * Has words written in quotes that kubectl and Helm, which read YAML 1.1, take for true or false
 * without them.
 */
final class QuotedWords extends JsonSchema {
  /** The type bool of YAML 1.1. */
  static final Pattern FLAG =
      Pattern.compile(
          "y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF");

  @Override
  public ScalarResolver getScalarResolver() {
    CoreScalarResolver resolver = new CoreScalarResolver(false);
    resolver.addImplicitResolver(Tag.BOOL, FLAG, "yYnNtTfFoO");
    return resolver;
  }
}
