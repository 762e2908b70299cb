# The one library that others link, made of the objects of all modules:
#   Carillon::carillon  static     Carillon::carillon_shared  shared     Carillon::headers  neither
# Installed headers include no third-party header, so users compile against Carillon alone.
get_property(modules GLOBAL PROPERTY CARILLON_MODULES)

add_library(carillon_headers INTERFACE)
target_compile_features(carillon_headers INTERFACE cxx_std_20)
set(objects "")
set(private_libraries Threads::Threads)
set(header_sets "")
foreach(module IN LISTS modules)
  get_target_property(type carillon_${module} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:carillon_${module}>)
  endif()
  get_property(link GLOBAL PROPERTY CARILLON_LINK_${module})
  list(APPEND private_libraries ${link})
  get_property(headers GLOBAL PROPERTY CARILLON_HEADERS_${module})
  target_sources(carillon_headers INTERFACE FILE_SET ${module} TYPE HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  list(APPEND header_sets FILE_SET ${module})
endforeach()
list(REMOVE_DUPLICATES private_libraries)

add_library(carillon_static STATIC ${objects})
add_library(carillon_shared SHARED ${objects})
foreach(library IN ITEMS carillon_static carillon_shared)
  target_link_libraries(${library} PUBLIC carillon_headers PRIVATE ${private_libraries})
  set_target_properties(${library} PROPERTIES OUTPUT_NAME carillon LINKER_LANGUAGE CXX)
endforeach()
# The major version of the binary interface: 0 until the first stable release.
set_target_properties(carillon_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)

set_target_properties(carillon_headers PROPERTIES EXPORT_NAME headers)
set_target_properties(carillon_static PROPERTIES EXPORT_NAME carillon)
add_library(Carillon::headers ALIAS carillon_headers)
add_library(Carillon::carillon ALIAS carillon_static)
add_library(Carillon::carillon_shared ALIAS carillon_shared)

if(CARILLON_INSTALL)
  include(CMakePackageConfigHelpers)
  set(config_directory ${CMAKE_INSTALL_LIBDIR}/cmake/Carillon)
  install(TARGETS carillon_headers carillon_static carillon_shared EXPORT CarillonTargets
    ${header_sets})
  install(EXPORT CarillonTargets NAMESPACE Carillon:: DESTINATION ${config_directory})
  configure_package_config_file(cmake/CarillonConfig.cmake.in CarillonConfig.cmake
    INSTALL_DESTINATION ${config_directory})
  write_basic_package_version_file(CarillonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/CarillonConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/CarillonConfigVersion.cmake DESTINATION ${config_directory})
endif()
