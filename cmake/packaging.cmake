# What `make package` adds to the library and the program: their papers, and the archive itself.
install(FILES LICENSE CHANGELOG.md TYPE DOC)

set(CPACK_PACKAGE_VENDOR "Carillon")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Real-time server for Django's channels, in C++")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/build/packages)
include(CPack)
