// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the shape of the house: who may import whom, and what stays behind one wall. */
final class ModuleRulesTest {
  /** A module may use only those before it. */
  private static final List<String> ORDER =
      List.of("policy", "linux", "ztunnel", "waypoint", "agent", "controlplane", "cli");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // Once modules are packaged, what their tests share comes as jars of it.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.culvert");

  @ParameterizedTest
  @MethodSource("modules")
  void importsOnlyGoDown(String module) {
    String[] later =
        ORDER.stream()
            .skip(ORDER.indexOf(module) + 1L)
            .map(ModuleRulesTest::packages)
            .toArray(String[]::new);
    assertThat(CLASSES.that(resideInAPackage(packages(module)))).as(module).isNotEmpty();
    if (later.length > 0) {
      noClasses()
          .that()
          .resideInAPackage(packages(module))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .check(CLASSES);
    }
  }

  /** What comes after knows what came before, and never the other way round. */
  @ParameterizedTest
  @MethodSource("modules")
  void packagesOfAModuleGoRoundInNoCircle(String module) {
    slices().matching("dev.culvert." + module + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nodeProcessesDoNotKnowEachOther() {
    apart("agent", "ztunnel", "waypoint");
    apart("controlplane", "ztunnel", "waypoint", "agent");
  }

  @Test
  void onlyLinuxNamesTheForeignFunctionApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.culvert.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  /** A proxy that could ask an API server would watch the cluster sooner or later. */
  @Test
  void proxiesDoNotKnowKubernetes() {
    noClasses()
        .that()
        .resideInAnyPackage(packages("ztunnel"), packages("waypoint"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.fabric8..")
        .check(CLASSES);
  }

  @Test
  void policyDoesNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("dev.culvert.policy..")
        .and()
        .resideOutsideOfPackage("dev.culvert.policy.wire..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.(nio\\.file\\.Files|nio\\.channels\\..*|net\\.(Server)?Socket)")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.grpc..")
        .check(CLASSES);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.culvert.policy.wire..")
        .should()
        .haveNameMatching(".*(Utils?|Helper|Manager|Impl|Abstract[A-Z].*)")
        .check(CLASSES);
  }

  @Test
  void exceptionsEndInException() {
    classes()
        .that()
        .areAssignableTo(Throwable.class)
        .should()
        .haveSimpleNameEndingWith("Exception")
        .check(CLASSES);
  }

  private static void apart(String module, String... others) {
    noClasses()
        .that()
        .resideInAPackage(packages(module))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(Stream.of(others).map(ModuleRulesTest::packages).toArray(String[]::new))
        .check(CLASSES);
  }

  private static Stream<String> modules() {
    return ORDER.stream();
  }

  private static String packages(String module) {
    return "dev.culvert." + module + "..";
  }
}
