# find_package(nmstore): the engine as a library for other programs, as a component of its own.
include(CMakePackageConfigHelpers)
set(nmstore_package ${CMAKE_INSTALL_LIBDIR}/cmake/nmstore)

install(TARGETS nmstore EXPORT nmstore ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT nmstore-dev)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine/include/nmstore DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT nmstore-dev FILES_MATCHING PATTERN *.h)
install(EXPORT nmstore NAMESPACE nmstore:: FILE nmstoreTargets.cmake DESTINATION ${nmstore_package}
  COMPONENT nmstore-dev)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/nmstoreConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/nmstoreConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/nmstoreConfigVersion.cmake
  DESTINATION ${nmstore_package} COMPONENT nmstore-dev)
